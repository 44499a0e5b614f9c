#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "provider/gate.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::Call;

/// Calls through a gate, of which each is counted.
struct CountedCallsTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    testing::FakeProvider fake{clock};
    config::Retry backoff;
    ApiKey key{"sk-test-key"};
    GatedProvider gate{
        fake, key, context.get_executor(), clock, backoff, [](const GateChange&) {}, [] { return 0.0; }};
    TaskGroup group{context.get_executor()};

    void retrieve() {
        const auto call = [](GatedProvider& through) -> asio::awaitable<void> {
            co_await through.retrieve("b");
        };
        group.spawn(call(gate));
        clock.advance(0s);
    }
    static Failure failed(FailureKind kind, unsigned http_status) {
        Failure failure = testing::failure(kind);
        failure.http_status = http_status;
        return failure;
    }
    std::vector<CallTally::Kind> kinds() {
        std::vector<CallTally::Kind> all;
        for (const auto& [kind, sum] : gate.tally()->take()) all.push_back(kind);
        return all;
    }
    using Kinds = std::vector<CallTally::Kind>;
};

TEST_F(CountedCallsTest, ByTheStatusOfTheirAnswers) {
    const std::vector<std::pair<unsigned, CodeClass>> cases{
        {503, CodeClass::server_error}, {404, CodeClass::client_error}, {0, CodeClass::none}};
    for (const auto& [status, code] : cases) {
        fake.fail(Call::retrieve, 1, failed(FailureKind::refused, status));
        retrieve();
        EXPECT_EQ(kinds(), (Kinds{{Operation::retrieve, code}})) << status;
    }
}

TEST_F(CountedCallsTest, WhatFailsOnOurOwnDiskIsNone) {
    fake.fail(Call::retrieve, 1, failed(FailureKind::local, 0));
    retrieve();
    EXPECT_EQ(kinds(), Kinds{});
}

TEST(CallTallyTest, SortsByTimeAndBeginsAnewWhenItIsTaken) {
    asio::io_context context(1);
    CallTally tally(context.get_executor());
    const CallTally::Kind kind{Operation::download, CodeClass::success};
    for (const Millis took : {0ms, 50ms, 51ms, 900'000ms, 900'001ms}) tally.add(kind, took, 10);
    const auto sums = tally.take();
    const CallTally::Sum& sum = sums.at(kind);
    EXPECT_EQ(sum.calls[0], 2U) << "a bound is in the class below it";
    EXPECT_EQ(sum.calls[1], 1U);
    EXPECT_EQ(sum.calls[kCallBounds.size() - 1], 1U);
    EXPECT_EQ(sum.calls[kCallBounds.size()], 1U);
    EXPECT_EQ(sum.took[1], 51ms);
    EXPECT_EQ(sum.bytes, 50U);
    EXPECT_TRUE(tally.take().empty());
    EXPECT_EQ(tally.counted().times_raised(), 5U);
}

}  // namespace
}  // namespace batchd::provider
