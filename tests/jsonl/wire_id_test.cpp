#include "jsonl/wire_id.hpp"

#include <gtest/gtest.h>

#include "jsonl/request/request_line.hpp"

namespace batchd::jsonl {
namespace {

constexpr const char* kKey = "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d";

TEST(WireIdTest, NamesAJobAndALineAndIsReadBack) {
    const std::string id = wire_id(kKey, 50'000);
    EXPECT_EQ(id, "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d-50000");
    EXPECT_LE(wire_id(kKey, 9'999'999'999).size(), 44U);
    EXPECT_EQ(parse_wire_id(id), (WireId{kKey, 50'000}));
}

TEST(WireIdTest, IdsOfPeopleAreNone) {
    for (const char* id :
         {"", "article_1", "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d", "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d-",
          "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d-0", "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d-01",
          "0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d-1x", "0B1C2D3E4F504A6B8C7D9E0F1A2B3C4D-1"})
        EXPECT_FALSE(parse_wire_id(id)) << id;
}

TEST(WireIdTest, AllElseOfALineStaysByteForByte) {
    struct Case {
        const char *line, *expected;
    };
    const Case cases[] = {
        {R"({"custom_id":"a","method":"POST"})", R"({"custom_id":"X","method":"POST"})"},
        {R"( {"id" : 1 ,  "custom_id" :  "a\"b" , "x":{"custom_id":"a"}} )",
         R"( {"id" : 1 ,  "custom_id" :  "X" , "x":{"custom_id":"a"}} )"},
        {R"({"custom_id":null,"e":1.0e+5})", R"({"custom_id":"X","e":1.0e+5})"},
        {R"({"custom_id":"a","custom_id":"b"})", R"({"custom_id":"X","custom_id":"X"})"},
    };
    for (const Case& one : cases) {
        std::string out = "before ";
        EXPECT_TRUE(append_with_id(one.line, "\"X\"", out));
        EXPECT_EQ(out, std::string("before ") + one.expected);
    }
    std::string out = "before";
    EXPECT_FALSE(append_with_id(R"({"id":"custom_id"})", "\"X\"", out));
    EXPECT_EQ(out, "before");
}

TEST(WireIdTest, TheIdOfAPreparedLineIsItsText) {
    EXPECT_EQ(id_of_prepared(R"({"custom_id":"a\u00e9","method":"POST"})"), R"("a\u00e9")");
    EXPECT_FALSE(id_of_prepared(R"({"method":"POST"})"));
    EXPECT_FALSE(id_of_prepared("text"));
}

}  // namespace
}  // namespace batchd::jsonl
