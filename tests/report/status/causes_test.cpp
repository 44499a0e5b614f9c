#include "report/status/causes.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

store::Condition told(std::string kind, std::string text, std::string about = "x") {
    return {.kind = std::move(kind), .about = std::move(about), .text = std::move(text)};
}

TEST(CausesTest, WhatNeedsAPersonComesFirst) {
    const auto ordered = in_order_of_need({told("waiting", "no room"), told("left_alone", "1 file: a link"),
                                           told("provider_closed", "can't be reached: no route"),
                                           told("no_key", "no API key"), told("held", "in doubt")});
    std::vector<std::string> kinds;
    for (const auto& one : ordered) kinds.push_back(one.kind);
    EXPECT_EQ(kinds,
              (std::vector<std::string>{"held", "no_key", "provider_closed", "waiting", "left_alone"}));
}

TEST(CausesTest, WhatAProviderDoesIsNoneOfThem) {
    EXPECT_EQ(cause_line({told("activity", "2.0 requests a second"), told("waiting", "no room")}, 200),
              "no room");
}

TEST(CausesTest, EachCauseIsToldOnceThoughManyMeetIt) {
    EXPECT_EQ(cause_line({told("waiting", "upload: 401 invalid_api_key: Incorrect API key", "batch 1"),
                          told("waiting", "polling: 401 invalid_api_key: Incorrect API key", "polling"),
                          told("provider_closed",
                               "the provider refuses the key: 401 invalid_api_key: Incorrect API key")},
                         200),
              "the provider refuses the key: 401 invalid_api_key: Incorrect API key");
}

TEST(CausesTest, WhatIsToldAtMoreLengthIsNotToldAgain) {
    EXPECT_EQ(cause_line({told("waiting", "polling: 401 invalid_api_key: Incorrect API key", "polling"),
                          told("provider_closed",
                               "the provider refuses the key: 401 invalid_api_key: Incorrect API key; "
                               "the key is from the file /etc/key, which is read again when it changes")},
                         200),
              "the provider refuses the key: 401 invalid_api_key: Incorrect API key; "
              "the key is from the file /etc/key, which is read again when it changes");
}

TEST(CausesTest, EachThatIsHeldIsToldForEachNeedsItsOwnAnswer) {
    EXPECT_EQ(cause_line({told("held", "in doubt", "batch 1"), told("held", "in doubt", "batch 2")}, 200),
              "batch 1 is held: in doubt; batch 2 is held: in doubt");
}

TEST(CausesTest, AreCutToALine) {
    const std::string line = cause_line({told("waiting", std::string(5000, 'x'))}, 200);
    EXPECT_EQ(line.size(), 200U);
    EXPECT_TRUE(line.ends_with("..."));
    EXPECT_EQ(cause_line({told("waiting", "two\nlines")}, 200), "two\\x0alines");
}

TEST(CausesTest, WhatIsLeftAloneHoldsNobodyUpAndHasItsOwnLine) {
    const std::vector all{told("left_alone", "2 files do not end in .jsonl"), told("left_alone", "1 link")};
    EXPECT_EQ(cause_line(all, 200), "");
    EXPECT_EQ(left_alone_line(all, 200), "left alone in the inbox: 2 files do not end in .jsonl; 1 link");
    EXPECT_EQ(left_alone_line({told("waiting", "no room")}, 200), "");
}

}  // namespace
}  // namespace batchd::report
