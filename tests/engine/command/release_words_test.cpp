#include "engine/command/release_words.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using store::MoneyWait;

std::string words(const Released& released) {
    return what_a_release_does("q", released);
}

TEST(ReleaseWordsTest, CountWhatGoes) {
    EXPECT_EQ(words({}), "nothing waits in q");
    EXPECT_EQ(words({.gone = {.files = 1, .requests = 1}}), "1 request of 1 file in q is sent");
    EXPECT_EQ(words({.gone = {.files = 2, .requests = 1'200}, .is_held_to_budget = true}),
              "1,200 requests of 2 files in q are sent, as far as the queue's budget has money for them");
}

TEST(ReleaseWordsTest, CountWhatIsStillBeingRead) {
    EXPECT_EQ(words({.unread = 1}), "1 file in q that is still being read goes as soon as it is");
    EXPECT_EQ(words({.gone = {.files = 1, .requests = 5}, .unread = 2}),
              "5 requests of 1 file in q are sent; 2 files that are still being read go as soon as they are");
    EXPECT_EQ(
        words({.unread = 2, .is_held_to_budget = true}),
        "2 files in q that are still being read go as soon as they are, as far as the queue's budget has "
        "money for them");
}

TEST(ReleaseWordsTest, SayHowWhatWaitsForMoneyIsSent) {
    const std::vector<store::MoneyWaits> two{{MoneyWait::money, 1}, {MoneyWait::price, 1}};
    EXPECT_EQ(
        words({.without_money = two}),
        "nothing waits in q for its time; 2 files wait for money: `batchd release q --over-budget` sends "
        "them");
    EXPECT_EQ(words({.without_money = {{MoneyWait::turn, 3}}}), "nothing waits in q");
    EXPECT_EQ(words({.unread = 1, .without_money = {{MoneyWait::budget, 1}}}),
              "1 file in q that is still being read goes as soon as it is; 1 file waits for money: `batchd "
              "release q --over-budget` sends it");
}

}  // namespace
}  // namespace batchd::engine
