#include "web/html/pretty_json.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace batchd::web {
namespace {

constexpr std::size_t kMuch = 1'000'000;

TEST(PrettyJsonTest, HasALineForEachMember) {
    const PrettyJson pretty = pretty_json(R"({"a":1,"b":[true,{"c":"x\ny"}],"d":{},"e":[]})", kMuch);
    EXPECT_EQ(
        pretty.text,
        "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {\n      \"c\": \"x\\ny\"\n    }\n  ],\n  \"d\": {},\n"
        "  \"e\": []\n}");
    EXPECT_TRUE(pretty.is_whole);
    EXPECT_EQ(pretty_json("[[],[{}],null]", kMuch).text, "[\n  [],\n  [\n    {}\n  ],\n  null\n]");
    EXPECT_EQ(pretty_json(" \"x\" ", kMuch).text, "\"x\"");
}

TEST(PrettyJsonTest, HasTextsReadableAndNumbersAsTheyAreWritten) {
    EXPECT_EQ(pretty_json(R"({"\u00e9":"\u00e9\"[{"})", kMuch).text, "{\n  \"é\": \"é\\\"[{\"\n}");
    EXPECT_EQ(pretty_json("[1.10,-0,1E400,12345678901234567890123]", kMuch).text,
              "[\n  1.10,\n  -0,\n  1E400,\n  12345678901234567890123\n]");
}

TEST(PrettyJsonTest, LeavesWhatIsNoJsonAsItIs) {
    for (const char* text : {"", "{", "{\"a\": }", "not JSON", "{} {}", "[\"x"}) {
        EXPECT_EQ(pretty_json(text, kMuch).text, text);
        EXPECT_TRUE(pretty_json(text, kMuch).is_whole) << text;
    }
    const std::string deep(100'000, '[');
    EXPECT_EQ(pretty_json(deep, kMuch).text, deep);
}

TEST(PrettyJsonTest, HasTheBeginningOfWhatIsLonger) {
    const std::string exact = "[\n  1,\n  2\n]";
    EXPECT_TRUE(pretty_json("[1,2]", exact.size()).is_whole);
    for (std::size_t size = 0; size < exact.size(); ++size) {
        EXPECT_EQ(pretty_json("[1,2]", size).text, exact.substr(0, size));
        EXPECT_FALSE(pretty_json("[1,2]", size).is_whole) << size;
    }
    const PrettyJson text = pretty_json("{\"a\":\"" + std::string(5000, 'x') + "\"}", 100);
    EXPECT_TRUE(text.text.starts_with("{\n  \"a\": \"xxx")) << text.text;
    EXPECT_EQ(text.text.size(), 100U);
    EXPECT_FALSE(text.is_whole);
    const PrettyJson broken = pretty_json(std::string(5000, '!'), 100);
    EXPECT_EQ(broken.text.size(), 100U);
    EXPECT_FALSE(broken.is_whole);
}

/// The most memory that this process had, in bytes.
std::size_t most_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

TEST(PrettyJsonTest, TakesNoMemoryForWhatIsNotShown) {
    std::string deep(31, '[');
    while (deep.size() < 16'000'000) deep += "0,";
    const std::size_t before = most_memory();
    EXPECT_EQ(pretty_json(deep, 64 * 1024).text.size(), 64U * 1024);
    EXPECT_LT(most_memory() - before, 4'000'000U);
}

}  // namespace
}  // namespace batchd::web
