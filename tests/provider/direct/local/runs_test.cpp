#include "provider/direct/local/runs.hpp"

#include <numeric>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "jsonl/rows/row_file.hpp"
#include "provider/direct/journal/settled_lines.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::answer;
using testing::replies;

constexpr const char* kAnswer = R"({"choices":[]})";

/// The runs of an account, against a scripted server; one request at a time unless a test says otherwise.
struct RunsTest : ::testing::Test {
    asio::io_context context{1};
    asio::thread_pool pool{1};  // so that files are read in the order in which they are asked for
    std::unique_ptr<Clock> clock = make_system_clock();
    testing::TempDir directory;
    RunStore store{directory.path() / "direct"};
    ApiKey key{"none", ApiKey::Need::none};
    std::unique_ptr<testing::ScriptedServer> server;
    PaceLimits limits{.max_in_flight = 1};
    CallTally::Sums calls;  // of the life before
    bool stop_at_once = false;

    void prepare(const std::string& run, unsigned rows, TimePoint created_at) {
        const Path path = directory.path() / (run + ".jsonl");
        auto writer = jsonl::RowFileWriter::create(path).value();
        for (unsigned row = 1; row <= rows; ++row)
            writer
                .append(row, digest128(run + std::to_string(row)),
                        R"({"custom_id":"x","method":"POST","url":"/v1/chat/completions","body":{"run":")" +
                            run + "\"}}")
                .value();
        writer.commit().value();
        store.add(path, run).value();
        RunRecord record;
        record.key = run;
        record.endpoint = "/v1/chat/completions";
        record.created_at = created_at;
        record.row_attempts = 3;
        record.total = rows;
        store.write(record).value();
    }

    /// What a life before has answered: this row.
    void write_answer(const std::string& run, std::uint64_t row) {
        Journal journal(open_journal(store.journal(run)).value(), context.get_executor(), pool, *clock);
        const auto answered = [&]() -> asio::awaitable<void> {
            TaskGroup writing(context.get_executor());
            writing.spawn(journal.run());
            co_await journal.settle(row, 1, RecordKind::answered, "{}");
            writing.cancel();
            co_await writing.join();
        };
        testing::run(context, answered());
    }

    /// Lives until all runs have ended. `meanwhile` is done beside it.
    void live(const std::function<asio::awaitable<void>(Runs&)>& meanwhile = {}) {
        config::Provider settings = config::defaults_of(config::Kind::direct);
        settings.base_url = "http://127.0.0.1:" + std::to_string(server->port()) + "/v1";
        const Wire wire = Wire::make(settings).value();
        http::Client::Options options;
        options.origin = wire.origin();
        options.connections_max = 64;
        auto client = http::Client::create(options, context.get_executor(), pool, *clock).value();
        Runs runs({.limits = limits, .timeout = 10s, .base_path = "/v1"},
                  {store, *client, wire, key, context.get_executor(), pool, *clock, [] { return 0.0; }});
        TaskGroup group(context.get_executor());
        const auto all_have_ended = [&] {
            const auto all = runs.newest_first();
            return !all.empty() && std::all_of(all.begin(), all.end(), [](const LocalRun* run) {
                return run->record.ended_at.has_value();
            });
        };
        const auto whole = [&]() -> asio::awaitable<void> {
            bool is_over = !meanwhile;
            const auto beside = [&]() -> asio::awaitable<void> {
                co_await meanwhile(runs);
                is_over = true;
                if (all_have_ended()) group.cancel();
            };
            group.spawn(runs.run([&] {
                if (is_over && all_have_ended()) group.cancel();
            }));
            if (meanwhile) group.spawn(beside());
            if (stop_at_once) group.cancel();
            co_await group.join();
        };
        testing::run(context, whole());
        calls = runs.tally().take();
    }
};

TEST_F(RunsTest, AfterARestartTheOldestGoesOnFirst) {
    prepare("a", 1, TimePoint(3000s));
    prepare("b", 1, TimePoint(2000s));
    prepare("c", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>(
        3, replies({answer(200, kAnswer), answer(200, kAnswer), answer(200, kAnswer)})));
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
        3, replies({answer(503, "busy"), answer(200, kAnswer), answer(200, kAnswer)})));
    live();
    const auto count = [&](CodeClass code) {
        const auto& classes = calls.at({Operation::request, code}).calls;
        return std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
    };
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(count(CodeClass::success), 2U);
    EXPECT_EQ(count(CodeClass::server_error), 1U);
    EXPECT_EQ(calls.at({Operation::request, CodeClass::success}).bytes, 2 * std::string_view(kAnswer).size());
}

TEST_F(RunsTest, ACancelledRunThatNobodyWaitsForEndsAlthoughARequestIsUnderWay) {
    prepare("a", 3, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(std::vector<testing::Script>{[](testing::Peer& peer) {
        peer.read_request();
        peer.send(answer(200, kAnswer));
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
    EXPECT_NE(settled.find(kAnswer), std::string::npos) << settled;
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
    const auto ended = store.runs().value();
    EXPECT_TRUE(ended.at(0).ended_at);
    EXPECT_EQ(ended.at(0).answered, 1U);
    EXPECT_EQ(ended.at(0).failed, 0U);
    EXPECT_EQ(testing::slurp(store.journal("a").results), "{}\n");
}

TEST_F(RunsTest, ACancelInTheMomentOfTheEndDoesNotWriteTheEndAway) {
    prepare("a", 1, TimePoint(1000s));
    server = std::make_unique<testing::ScriptedServer>(
        std::vector<testing::Script>{replies({answer(200, kAnswer)})});
    live([&](Runs& runs) -> asio::awaitable<void> {
        while (runs.find("a") == nullptr) co_await clock->sleep_for(1ms);
        LocalRun& run = *runs.find("a");
        auto turn = std::make_optional(co_await run.saving.enter());
        // Its end waits for the turn, and the cancel behind it.
        while (run.last.answered == 0) co_await clock->sleep_for(1ms);
        TaskGroup cancelling(context.get_executor());
        const auto cancel = [&]() -> asio::awaitable<void> { (void)(co_await runs.cancel(run)).value(); };
        cancelling.spawn(cancel());
        while (!run.record.is_cancelled) co_await clock->sleep_for(1ms);
        turn.reset();
        co_await cancelling.join();
        while (!run.record.ended_at) co_await clock->sleep_for(1ms);
    });
    EXPECT_TRUE(store.runs().value().at(0).ended_at);
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
