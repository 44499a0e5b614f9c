#include "web/html/pretty_json.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

TEST(PrettyJsonTest, HasALineForEachMember) {
    EXPECT_EQ(
        pretty_json(R"({"a":1,"b":[true,{"c":"x\ny"}],"d":{},"e":[]})"),
        "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {\n      \"c\": \"x\\ny\"\n    }\n  ],\n  \"d\": {},\n"
        "  \"e\": []\n}");
}

TEST(PrettyJsonTest, LeavesWhatIsNoJsonAsItIs) {
    for (const char* text : {"", "{", "{\"a\": }", "not JSON"}) EXPECT_EQ(pretty_json(text), text);
    const std::string deep(100'000, '[');
    EXPECT_EQ(pretty_json(deep), deep);
}

}  // namespace
}  // namespace batchd::web
