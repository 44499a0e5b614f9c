#include "daemon/configuration/configuration_checks.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace batchd {
namespace {

TEST(ConfigurationChecksTest, AGroupIsOneOfThisMachine) {
    const config::Checks checks = configuration_checks();
    EXPECT_EQ(checks.group("root"), std::nullopt);
    EXPECT_EQ(checks.group("no-such-group"),
              "is \"no-such-group\": must be a Unix group, and there is none of that name here; groupadd "
              "no-such-group "
              "makes it");
}

TEST(ConfigurationChecksTest, WithoutATimeZoneTheMachinesHasToBeOne) {
    const config::Checks checks = configuration_checks();
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);  // good for the system, and no name
    const auto fault = checks.timezone("");
    setenv("TZ", "Europe/Berlin", 1);
    EXPECT_EQ(checks.timezone(""), std::nullopt);
    unsetenv("TZ");
    ASSERT_TRUE(fault);
    EXPECT_TRUE(fault->starts_with("is not set, and of this machine: TZ: time zone \"CET-1CEST,")) << *fault;
}

TEST(ConfigurationChecksTest, PricesAreDollarsForATokenByKnownKeys) {
    const config::Checks checks = configuration_checks();
    EXPECT_EQ(checks.prices({{"m", {{"input_cost_per_token", "1.5e-07"}}}}), std::nullopt);
    EXPECT_EQ(checks.prices({{"m", {{"input_cost_per_tokn", "1.5e-07"}}}}),
              "has m: input_cost_per_tokn is no price; did you mean input_cost_per_token?");
    EXPECT_EQ(
        checks.prices({{"m", {{"input_cost_per_token", "0.75"}}}}),
        "has m: input_cost_per_token is 0.75: a price is dollars for one token, and none costs more than "
        "0.01");
}

}  // namespace
}  // namespace batchd
