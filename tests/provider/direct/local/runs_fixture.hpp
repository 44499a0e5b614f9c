#pragma once

#include "provider/direct/local/runs.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "jsonl/rows/row_file.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::answer;
using testing::replies;

inline constexpr const char* kEmptyAnswer = R"({"choices":[]})";

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
    bool stop_behind = false;  // what is done meanwhile

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
                if (stop_behind || all_have_ended()) group.cancel();
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

}  // namespace batchd::provider::direct
