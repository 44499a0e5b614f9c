#include <gtest/gtest.h>

#include "config/fields/composed.hpp"
#include "config/problems.hpp"

namespace batchd::config {
namespace {

std::string json_of(const std::string& toml) {
    const auto loaded = load_only("[batch]\ndefaults = " + toml);
    return loaded ? loaded->settings.batch.defaults : problems_of(loaded);
}

TEST(DefaultsTest, BecomeAnObjectInTheOrderOfTheFile) {
    EXPECT_EQ(json_of("{ temperature = 0, max_completion_tokens = 300 }"),
              R"({"temperature":0,"max_completion_tokens":300})");
    EXPECT_EQ(json_of("{ z = 'é\"', a = true, stop = ['x', ['y']], n = { b = { c = [] }, d = {} } }"),
              R"({"z":"é\"","a":true,"stop":["x",["y"]],"n":{"b":{"c":[]},"d":{}}})");
    EXPECT_EQ(json_of("{}"), "");
}

TEST(DefaultsTest, KeepNumbersExactly) {
    EXPECT_EQ(json_of("{ a = 0.7, b = 1.0, c = 9223372036854775807, d = 1e300, e = -0.0, f = 0.1 }"),
              R"({"a":0.7,"b":1.0,"c":9223372036854775807,"d":1e+300,"e":-0.0,"f":0.1})");
}

TEST(DefaultsTest, MayBeATableOfTheFile) {
    const auto loaded =
        load_only("[batch.defaults]\ntemperature = 0\n[batch.defaults.response_format]\ntype = 'json'");
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.batch.defaults, R"({"temperature":0,"response_format":{"type":"json"}})");
}

TEST(DefaultsTest, CanNotHoldWhatABatchOrJsonDoesNotHave) {
    EXPECT_EQ(
        json_of("{ stream = true }"),
        "batchd.toml:2: batch.defaults.stream can't be a default: must be left out, for a batch does not "
        "stream\n");
    EXPECT_EQ(json_of("{ a = { b = [inf] } }"),
              "batchd.toml:2: batch.defaults.a.b is inf: must be a number that JSON has: finite\n");
    EXPECT_EQ(json_of("{ day = 1979-05-27 }"),
              "batchd.toml:2: batch.defaults.day is a date or time: must be what JSON has: a string, number, "
              "boolean, "
              "array or table\n");
}

TEST(DefaultsTest, AModelAmongThemIsAName) {
    EXPECT_EQ(json_of("{ model = 'm' }"), R"({"model":"m"})");
    for (const char* wrong : {"''", "5", "['m']"})
        EXPECT_NE(
            json_of("{ model = " + std::string(wrong) + " }").find("batchd.toml:2: batch.defaults.model is "),
            std::string::npos)
            << wrong;
}

TEST(DefaultsTest, ArePrintedAsATableThatIsReadBackAsTheSame) {
    for (const char* json :
         {R"({"temperature":0,"max_completion_tokens":300})",
          R"({"a":{"b":[1.5,{"c":"{\"x\": [1,2]}\\"}]},"e":{}})", R"({"text":"a,b:{c}","deep":[[],[{}]]})"}) {
        EXPECT_EQ(json_of(print_defaults(json)), json) << print_defaults(json);
    }
    EXPECT_EQ(print_defaults(R"({"t":0,"n":{"a":"x:y"}})"), R"({ "t" = 0, "n" = { "a" = "x:y" } })");
    EXPECT_EQ(print_defaults(""), "{}");
}

}  // namespace
}  // namespace batchd::config
