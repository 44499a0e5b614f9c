#include "sim/settings.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {
namespace {

Result<void> change(Settings& settings, const char* text) {
    return apply(settings, boost::json::parse(text).as_object());
}

TEST(SettingsTest, ChangesWhatIsNamedAndKeepsTheRest) {
    Settings settings;
    ASSERT_TRUE(change(settings,
                       R"({"in_progress":1.5,"token_limits":{"m":7},"expire_batch":[2,3],"shuffle":false})"));
    EXPECT_EQ(settings.in_progress, 1.5);
    EXPECT_EQ(settings.token_limits.at("m"), 7U);
    EXPECT_EQ(settings.expire_batch, (std::set<std::uint64_t>{2, 3}));
    EXPECT_FALSE(settings.shuffle);
    EXPECT_EQ(settings.rows_max, 50000U);
}

TEST(SettingsTest, ChangesNothingWhenOneKeyIsWrong) {
    Settings settings;
    EXPECT_FALSE(change(settings, R"({"in_progress":9,"fail_rate":"often"})"));
    EXPECT_EQ(settings.in_progress, 0);
}

TEST(SettingsTest, NamesTheKeyThatIsWrong) {
    Settings settings;
    for (const char* text : {R"({"list_ties":"sometimes"})", R"({"list_ties":1})"})
        EXPECT_NE(change(settings, text).error().context.find("list_ties"), std::string::npos);
    EXPECT_NE(change(settings, R"({"no_such":1})").error().context.find("no_such"), std::string::npos);
    EXPECT_FALSE(change(settings, R"({"validating":-1})"));
    EXPECT_FALSE(change(settings, R"({"rows":[{"match":"a","kind":"lost"}]})"));
    EXPECT_FALSE(change(settings, R"({"rows":[{"mach":"a"}]})"));
    EXPECT_FALSE(change(settings, R"({"rows":[{}]})"));
}

TEST(SettingsTest, ReadsBackWhatItShows) {
    Settings settings;
    ASSERT_TRUE(change(settings,
                       R"({"rows":[{"match":"a*","kind":"missing","runs_max":1}],"unknown_models":["x"]})"));
    Settings copy;
    ASSERT_TRUE(apply(copy, to_json(settings)));
    EXPECT_EQ(to_json(copy), to_json(settings));
}

TEST(GlobTest, StarsStandForAnyRunOfCharacters) {
    EXPECT_TRUE(glob_matches("row-*", "row-17"));
    EXPECT_TRUE(glob_matches("*", ""));
    EXPECT_TRUE(glob_matches("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(glob_matches("row", "row-1"));
    EXPECT_FALSE(glob_matches("a*b", "a-c"));
    EXPECT_FALSE(glob_matches("", "a"));
}

}  // namespace
}  // namespace batchd::sim
