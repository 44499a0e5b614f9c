#include "sim/options.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {
namespace {

Result<CommandLine> read(std::vector<const char*> arguments) {
    return read_command_line(arguments);
}

TEST(OptionsTest, EverySettingIsAnOption) {
    const auto line = read({"--data", "/d", "--in-progress", "1.5", "--expire-batch", "2", "--expire-batch",
                            "4", "--missing-file", "400", "--token-limit", "gpt-4o=1000", "--token-limit",
                            "m=7", "--ranges", "true", "--rows", R"([{"match":"a"}])"});
    ASSERT_TRUE(line) << to_string(line.error());
    const Settings& settings = line->server.settings;
    EXPECT_EQ(settings.in_progress, 1.5);
    EXPECT_EQ(settings.expire_batch, (std::set<std::uint64_t>{2, 4}));
    EXPECT_EQ(settings.missing_file, "400");
    EXPECT_EQ(settings.token_limits.at("gpt-4o"), 1000U);
    EXPECT_EQ(settings.token_limits.size(), 2U);
    EXPECT_TRUE(settings.ranges);
    EXPECT_EQ(settings.rows.size(), 1U);
}

TEST(OptionsTest, ServesOnAnyPortWithTheStandardKeyWhenNothingElseIsSaid) {
    const auto line = read({"--data", "/d"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->server.port, 0);
    EXPECT_EQ(line->server.key, "sk-sim");
    EXPECT_EQ(line->server.time, ServerOptions::Time::real);
}

TEST(OptionsTest, RefusesWhatItDoesNotUnderstand) {
    EXPECT_FALSE(read({}));
    EXPECT_FALSE(read({"--data"}));
    EXPECT_FALSE(read({"--data", "/d", "stray"}));
    EXPECT_FALSE(read({"--data", "/d", "--colour", "red"}));
    EXPECT_FALSE(read({"--data", "/d", "--port", "70000"}));
    EXPECT_FALSE(read({"--data", "/d", "--fail-rate", "often"}));
    EXPECT_FALSE(read({"--data", "/d", "--token-limit", "m"}));
    EXPECT_FALSE(read({"--data", "/d", "--tls-cert", "c"}));
    EXPECT_FALSE(read({"--data", "/d", "--self-signed", "t", "--tls-cert", "c", "--tls-key", "k"}));
}

}  // namespace
}  // namespace batchd::sim
