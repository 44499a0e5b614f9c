#include <fstream>
#include <numeric>

#include "provider/direct/journal/settled_lines.hpp"
#include "provider/direct/local/runs_fixture.hpp"

namespace batchd::provider::direct {
namespace {

TEST_F(RunsTest, AfterARestartTheOldestGoesOnFirst) {
    prepare("a", 1, TimePoint(3000s));
    prepare("b", 1, TimePoint(2000s));
    prepare("c", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>(
        3, replies({answer(200, kEmptyAnswer), answer(200, kEmptyAnswer), answer(200, kEmptyAnswer)})));
    live();
    std::string order;
    for (const std::string& request : server->requests())
        order += request.substr(request.find("{\"run\":\"") + 8, 1);
    EXPECT_EQ(order, "cba");
}

TEST_F(RunsTest, AStopWhileTheyAreBeingReadEndsThemInOrder) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>{});
    stop_at_once = true;
    live();
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(RunsTest, CountsRequestsByWhatCameBackAndTheBytesOfIt) {
    prepare("a", 2, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>(
        3, replies({answer(503, "busy"), answer(200, kEmptyAnswer), answer(200, kEmptyAnswer)})));
    live();
    const auto count = [&](CodeClass code) {
        const auto& classes = calls.at({Operation::request, code}).calls;
        return std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
    };
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(count(CodeClass::success), 2U);
    EXPECT_EQ(count(CodeClass::server_error), 1U);
    EXPECT_EQ(calls.at({Operation::request, CodeClass::success}).bytes,
              2 * std::string_view(kEmptyAnswer).size());
}

TEST_F(RunsTest, ACancelledRunThatNobodyWaitsForEndsAlthoughARequestIsUnderWay) {
    prepare("a", 3, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>{[](testing::Peer& peer) {
        peer.read_request();
        peer.send(answer(200, kEmptyAnswer));
        peer.read_request();
        peer.wait_for_client();
    }});
    std::uint64_t copied = 0;
    const Path out = directory.path() / "out";
    live([&](Runs& runs) -> asio::awaitable<void> {
        const auto first_is_settled = [&] { return runs.find("a")->progress().answered == 1; };
        while (server->requests().size() < 2 || !first_is_settled()) co_await clock->sleep_for(1ms);
        copied = copy_settled_lines(store.journal("a"), out).value();
        LocalRun& run = *runs.find("a");
        (void)(co_await runs.end_now(run)).value();
        EXPECT_TRUE(run.record.ended_at);
        EXPECT_TRUE(run.record.is_cancelled);
        EXPECT_EQ(run.record.answered, 1U);
        EXPECT_EQ(run.record.failed, 2U);
    });
    EXPECT_EQ(server->requests().size(), 2U);
    const std::string settled = testing::slurp(out);
    EXPECT_EQ(settled.size(), copied);
    EXPECT_NE(settled.find(kEmptyAnswer), std::string::npos) << settled;
    const std::string results = testing::slurp(store.journal("a").results);
    EXPECT_EQ(std::count(settled.begin(), settled.end(), '\n'), 1);
    EXPECT_EQ(std::count(results.begin(), results.end(), '\n'), 3);
}

TEST_F(RunsTest, ACancelledRunEndsWithItsAnswersAlsoWhereItsRequestsAreGone) {
    prepare("a", 3, TimePoint(1000s));
    write_answer("a", 2);
    std::filesystem::remove(store.requests("a"));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>{});
    live([&](Runs& runs) -> asio::awaitable<void> {
        while (runs.find("a") == nullptr) co_await clock->sleep_for(1ms);
        (void)(co_await runs.cancel(*runs.find("a"))).value();
    });
    const auto ended = store.runs().value().runs;
    EXPECT_TRUE(ended.at(0).ended_at);
    EXPECT_EQ(ended.at(0).answered, 1U);
    EXPECT_EQ(ended.at(0).failed, 0U);
    EXPECT_EQ(testing::slurp(store.journal("a").results), "{}\n");
}

TEST_F(RunsTest, ACancelInTheMomentOfTheEndDoesNotWriteTheEndAway) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, kEmptyAnswer)})});
    live([&](Runs& runs) -> asio::awaitable<void> {
        while (runs.find("a") == nullptr) co_await clock->sleep_for(1ms);
        LocalRun& run = *runs.find("a");
        auto turn = std::make_optional(co_await run.saving.enter());
        // Its end waits for the turn, and the cancel behind it.
        while (run.last.answered == 0) co_await clock->sleep_for(1ms);
        TaskGroup cancelling(context.get_executor());
        const auto cancel = [&]() -> asio::awaitable<void> { (void)(co_await runs.cancel(run)).value(); };
        cancelling.spawn(cancel());
        while (run.cancelling == 0) co_await clock->sleep_for(1ms);
        turn.reset();
        co_await cancelling.join();
        while (!run.record.ended_at) co_await clock->sleep_for(1ms);
    });
    EXPECT_TRUE(store.runs().value().runs.at(0).ended_at);
}

TEST_F(RunsTest, ACancelThatIsNotOnDiskIsBelievedByNobody) {
    prepare("a", 3, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>{[](testing::Peer& peer) {
        peer.read_request();
        peer.wait_for_client();
    }});
    // Nothing can be written under that name.
    const Path in_the_way = store.requests("a").parent_path() / "run.json.tmp";
    std::filesystem::create_directory(in_the_way);
    live([&](Runs& runs) -> asio::awaitable<void> {
        while (server->requests().empty()) co_await clock->sleep_for(1ms);
        LocalRun& run = *runs.find("a");
        auto turn = std::make_optional(co_await run.saving.enter());
        TaskGroup cancelling(context.get_executor());
        unsigned failures = 0;
        const auto cancel = [&]() -> asio::awaitable<void> {
            const auto cancelled = co_await runs.cancel(run);
            if (!cancelled) ++failures;
        };
        const auto end = [&]() -> asio::awaitable<void> {
            const auto ended = co_await runs.end_now(run);
            if (!ended) ++failures;
        };
        cancelling.spawn(cancel());
        while (run.cancelling == 0) co_await clock->sleep_for(1ms);
        cancelling.spawn(end());
        while (run.cancelling == 1) co_await clock->sleep_for(1ms);
        turn.reset();
        co_await cancelling.join();
        EXPECT_EQ(failures, 2U);
        EXPECT_FALSE(run.record.is_cancelled);
        EXPECT_EQ(run.progress().in_flight, 1U) << "it goes on";
        std::filesystem::remove(in_the_way);
        (void)(co_await runs.end_now(run)).value();
        EXPECT_EQ(run.record.failed, 3U);
    });
    EXPECT_EQ(server->requests().size(), 1U);
}

TEST_F(RunsTest, ARunWhoseRecordIsDamagedIsNamedAndHoldsUpNoOther) {
    prepare("a", 1, TimePoint(1000s));
    prepare("b", 1, TimePoint(2000s));
    const Path record = store.requests("a").parent_path() / "run.json";
    std::ofstream(record) << "{";
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, kEmptyAnswer)})});
    live([&](Runs& runs) -> asio::awaitable<void> {
        while (runs.find("b") == nullptr || !runs.find("b")->record.ended_at) co_await clock->sleep_for(1ms);
        EXPECT_EQ(runs.find("a"), nullptr);
        EXPECT_NE(runs.why_unreadable("a"), nullptr);
        EXPECT_EQ(runs.why_unreadable("b"), nullptr);
        EXPECT_NE(runs.stall().find(record.string()), std::string::npos) << runs.stall();
    });
    EXPECT_EQ(server->requests().size(), 1U);
}

TEST_F(RunsTest, AStopEndsARunThatHasHaltedAsWell) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(401, R"({"error":{"message":"no such key"}})")})});
    stop_behind = true;
    live([&](Runs& runs) -> asio::awaitable<void> {
        const auto has_halted = [&] { return runs.closure() && runs.find("a")->runner == nullptr; };
        while (!has_halted()) co_await clock->sleep_for(1ms);
    });
    EXPECT_FALSE(store.runs().value().runs.at(0).ended_at);
}

TEST_F(RunsTest, LongAnswersAreReadAFewAtATimeAndComeWhole) {
    limits.max_in_flight = 6;
    prepare("a", 6, TimePoint(1000s));
    const std::string body = R"({"choices":[],"pad":")" + std::string(3 * 1024 * 1024, 'x') + "\"}";
    const std::vector<std::string> answers(6, answer(200, body));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>(6, replies(answers)));
    live();
    EXPECT_EQ(server->requests().size(), 6U);
    EXPECT_GT(store.find("results-a").value()->size_bytes, 6 * body.size());
}

}  // namespace
}  // namespace batchd::provider::direct
