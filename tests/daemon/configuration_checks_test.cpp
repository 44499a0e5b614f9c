#include "configuration_checks.hpp"

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

}  // namespace
}  // namespace batchd
