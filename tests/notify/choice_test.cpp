#include "notify/choice.hpp"

#include <gtest/gtest.h>

namespace batchd::notify {
namespace {

config::NotifyTarget target(std::vector<std::string> on, std::vector<std::string> queues = {}) {
    config::NotifyTarget made;
    made.on = std::move(on);
    made.queues = std::move(queues);
    return made;
}

TEST(ChoiceTest, ATargetIsToldOfWhatItWants) {
    EXPECT_TRUE(is_for({"done", "default", ""}, "ops", target({"failed", "done"})));
    EXPECT_FALSE(is_for({"done", "default", ""}, "ops", target({"failed"})));
    EXPECT_FALSE(is_for({"done", "default", ""}, "ops", target({})));
    EXPECT_TRUE(is_for({"done", "default", ""}, "ops", target({"all"})));
}

TEST(ChoiceTest, ATargetWithQueuesIsToldOfTheirsAndOfWhatIsAboutTheDaemon) {
    EXPECT_TRUE(is_for({"done", "nightly", ""}, "ops", target({"all"}, {"nightly"})));
    EXPECT_FALSE(is_for({"done", "default", ""}, "ops", target({"all"}, {"nightly"})));
    EXPECT_TRUE(is_for({"provider_closed", "", ""}, "ops", target({"all"}, {"nightly"})));
}

TEST(ChoiceTest, WhatIsAboutSeveralQueuesIsForThePeopleOfEach) {
    EXPECT_TRUE(is_for({"overdue", "late,nightly", ""}, "ops", target({"all"}, {"nightly"})));
    EXPECT_TRUE(is_for({"overdue", "late,nightly", ""}, "ops", target({"all"}, {"bud", "late"})));
    EXPECT_FALSE(is_for({"overdue", "late,nightly", ""}, "ops", target({"all"}, {"night", "late,nightly"})));
}

TEST(ChoiceTest, WhatIsForOneAloneIsForThatOneWhateverItWants) {
    EXPECT_TRUE(is_for({"test", "", "ops"}, "ops", target({})));
    EXPECT_FALSE(is_for({"test", "", "ops"}, "others", target({"all"})));
}

}  // namespace
}  // namespace batchd::notify
