#include <csignal>

#include <sys/resource.h>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "provider/direct/local/runs_fixture.hpp"

namespace batchd::provider::direct {
namespace {

/// The disk takes nothing that is as long as the answers of these tests.
struct FullDiskTest : RunsTest {
    FullDiskTest() {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before);
        rlimit small = before;
        small.rlim_cur = 32 * 1024;
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FullDiskTest() override { make_room(); }
    void make_room() const { ::setrlimit(RLIMIT_FSIZE, &before); }

    /// All that can go on without room goes on.
    asio::awaitable<void> rest() {
        for (int turn = 0; turn < 50; ++turn) co_await run_blocking(pool, [] {});
    }
    asio::awaitable<void> until_an_answer_waits(Runs& runs) {
        while (runs.find("a") == nullptr || runs.unsaved() == 0 || runs.stall().empty())
            co_await clock->sleep_for(1ms);
    }

    rlimit before{};
    const std::string long_answer = R"({"choices":[],"pad":")" + std::string(64 * 1024, 'x') + "\"}";
};

TEST_F(FullDiskTest, ADrainLastsUntilTheAnswersAreOnDisk) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, long_answer)})});
    stop_behind = true;  // as a reload does
    live([&](Runs& runs) -> asio::awaitable<void> {
        co_await until_an_answer_waits(runs);
        TaskGroup draining(context.get_executor());
        bool is_drained = false;
        const auto drain = [&]() -> asio::awaitable<void> {
            co_await runs.drain();
            is_drained = true;
        };
        draining.spawn(drain());
        co_await rest();
        EXPECT_FALSE(is_drained);
        EXPECT_EQ(runs.unsaved(), 1U);
        make_room();
        co_await draining.join();
        EXPECT_EQ(runs.unsaved(), 0U);
    });
    const OpenedJournal left = open_journal(store.journal("a")).value();
    EXPECT_EQ(left.replay.settled.size(), 1U);
    EXPECT_TRUE(left.replay.in_flight.empty());
}

TEST_F(FullDiskTest, AnAnswerThatWaitsForTheDiskIsKeptWhenItsCancelledRunIsBrokenOff) {
    limits.max_in_flight = 2;
    prepare("a", 2, TimePoint(1000s));
    const auto never = [](testing::Peer& peer) {
        peer.read_request();
        peer.wait_for_client();
    };
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, long_answer)}), never});
    live([&](Runs& runs) -> asio::awaitable<void> {
        co_await until_an_answer_waits(runs);
        LocalRun& run = *runs.find("a");
        TaskGroup ending(context.get_executor());
        const auto end = [&]() -> asio::awaitable<void> { (void)(co_await runs.end_now(run)).value(); };
        ending.spawn(end());
        while (!run.record.is_cancelled) co_await clock->sleep_for(1ms);
        co_await rest();
        make_room();
        co_await ending.join();
        EXPECT_EQ(run.record.answered, 1U);
        EXPECT_EQ(run.record.failed, 1U);
    });
}

TEST_F(FullDiskTest, AStopDoesNotWaitForIt) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, long_answer)})});
    stop_behind = true;
    live([&](Runs& runs) -> asio::awaitable<void> {
        co_await until_an_answer_waits(runs);
        co_await run_within(*clock, 1ms, runs.drain());
        EXPECT_EQ(runs.unsaved(), 1U) << "which is told";
    });
    EXPECT_EQ(open_journal(store.journal("a")).value().replay.in_flight.size(), 1U);
}

}  // namespace
}  // namespace batchd::provider::direct
