#include "provider/direct/run/standing.hpp"

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

Verdict told(Meaning what, const char* message = "why") {
    Verdict verdict;
    verdict.meaning = what;
    verdict.message = message;
    return verdict;
}

struct StandingTest : ::testing::Test {
    Standing standing{{.bar_pause = 5min, .patience = 1min}};

    void report(Meaning what, Millis now) { standing.report(told(what), now, 0); }
    bool is_closed() const { return standing.closure().has_value(); }
};

TEST_F(StandingTest, ASpentQuotaBarsAllUntilItsPauseIsOver) {
    report(Meaning::quota, 10min);
    EXPECT_EQ(standing.barred_until(), 15min);
    ASSERT_TRUE(is_closed());
    EXPECT_EQ(*standing.closure(), (Closure{FailureKind::quota, "the account's quota is spent: why", 15min}));
    report(Meaning::quota, 11min);
    EXPECT_EQ(standing.barred_until(), 15min) << "those under way met the same wall";
}

TEST_F(StandingTest, IsOpenOnlyWhenTheOneThatWasLetGoIsAnswered) {
    report(Meaning::unauthorized, 0min);
    report(Meaning::answered, 1min);
    EXPECT_TRUE(is_closed()) << "it had been let in before";
    standing.let_one_go();
    EXPECT_FALSE(standing.barred_until());
    report(Meaning::not_let_in, 5min);
    EXPECT_TRUE(is_closed());
    EXPECT_EQ(standing.closure()->kind, FailureKind::unauthorized);
    report(Meaning::row_failed, 6min);
    EXPECT_FALSE(is_closed());
}

TEST_F(StandingTest, PausesAreSpreadBelowTheirLength) {
    standing.report(told(Meaning::quota), 0min, 1);
    EXPECT_EQ(standing.barred_until(), 3min + 45s);
}

TEST_F(StandingTest, AServerThatLetsNothingInForLongIsClosedAndOpensWithAnAnswer) {
    report(Meaning::not_let_in, 0s);
    report(Meaning::not_let_in, 59s);
    EXPECT_FALSE(is_closed());
    report(Meaning::not_let_in, 60s);
    ASSERT_TRUE(is_closed());
    EXPECT_EQ(standing.closure()->reason, "the server lets no request in: why");
    EXPECT_FALSE(standing.barred_until()) << "it is asked again at its pace";
    report(Meaning::answered, 70s);
    EXPECT_FALSE(is_closed());
    report(Meaning::not_let_in, 200s);
    EXPECT_FALSE(is_closed()) << "the patience begins anew";
}

TEST_F(StandingTest, OneThatAnswersInBetweenIsBusyAndNotClosed) {
    for (int i = 0; i < 100; ++i) {
        report(Meaning::not_let_in, Millis(i * 2000));
        report(Meaning::answered, Millis(i * 2000 + 1000));
    }
    EXPECT_FALSE(is_closed());
}

TEST_F(StandingTest, OneThatIsNotThereIsUnreachable) {
    Verdict refused = told(Meaning::not_let_in, "connect: refused");
    refused.is_unreachable = true;
    standing.report(refused, 0s, 0);
    standing.report(refused, 60s, 0);
    ASSERT_TRUE(is_closed());
    EXPECT_EQ(standing.closure()->kind, FailureKind::unreachable);
    EXPECT_EQ(standing.closure()->reason, "the provider can't be reached: connect: refused");
    report(Meaning::not_let_in, 70s);
    EXPECT_EQ(standing.closure()->kind, FailureKind::unreachable) << "told once, whatever it says meanwhile";
}

TEST_F(StandingTest, AnotherKeyBeginsAnew) {
    report(Meaning::unauthorized, 0min);
    standing.begin_anew();
    EXPECT_FALSE(is_closed());
    EXPECT_FALSE(standing.barred_until());
}

}  // namespace
}  // namespace batchd::provider::direct
