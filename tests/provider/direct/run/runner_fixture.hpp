#pragma once

#include "provider/direct/run/runner.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "provider/direct/run/prepared_rows.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::answer;
using testing::Peer;
using testing::replies;
using testing::Script;
using testing::slurp;

inline constexpr const char* kAnswer = R"({"choices":[{"message":{"content":"hi"}}]})";

/// A run against a scripted server, one request after the other unless a test says otherwise.
struct RunnerTest : ::testing::Test {
    asio::io_context context{1};
    asio::thread_pool pool{2};
    std::unique_ptr<Clock> clock = make_system_clock();
    testing::TempDir directory;
    JournalPaths paths{directory.path() / "run.journal", directory.path() / "run.results"};
    std::unique_ptr<testing::ScriptedServer> server;
    std::unique_ptr<http::Client> client;
    Runner::Options options;
    PaceLimits limits{.max_in_flight = 1};
    RunProgress progress;
    std::uint64_t answer_max = 1024 * 1024;

    RunnerTest() {
        options.head = {.base_path = "/v1", .tag = "t", .auth = {{"Authorization", "Bearer secret-key"}}};
        options.retry.min_backoff = 1ms;
        options.secret = "secret-key";
    }

    void serve(std::vector<Script> scripts) {
        server = std::make_unique<testing::ScriptedServer>(std::move(scripts));
        http::Client::Options with;
        with.origin = {http::Scheme::http, "127.0.0.1", server->port()};
        with.connections_max = 64;
        with.user_agent = "test";
        with.streamed_bytes_max = answer_max;
        client = http::Client::create(std::move(with), context.get_executor(), pool, *clock).value();
    }

    void prepare(unsigned rows) {
        auto writer = jsonl::RowFileWriter::create(directory.path() / "rows.jsonl").value();
        for (unsigned row = 1; row <= rows; ++row) {
            const std::string id = "r" + std::to_string(row);
            writer
                .append(row, digest128(id),
                        R"({"custom_id":")" + id +
                            R"(","method":"POST","url":"/v1/chat/completions","body":{"n":)" +
                            std::to_string(row) + "}}")
                .value();
        }
        writer.commit().value();
    }

    /// Another text of the same length where `text` stands in the requests.
    void damage(const std::string& text) {
        const Path path = directory.path() / "rows.jsonl";
        std::string content = slurp(path);
        content.replace(content.find(text), text.size(), text.size(), '#');
        directory.write("rows.jsonl", content);
    }

    /// Runs it to its end; `stop_when` may stop it before.
    RunEnd run(std::function<bool(Runner&)> stop_when = {}) {
        PreparedRows rows(jsonl::RowFileReader::open(directory.path() / "rows.jsonl").value(), pool);
        Journal journal(open_journal(paths).value(), context.get_executor(), pool, *clock);
        PaceLine line(limits, context.get_executor(), *clock, [] { return 0.0; });
        AnswerRoom room(context.get_executor(), *clock);
        Runner runner(options, {rows, journal, line, *client, room, *clock, [] { return 0.0; }},
                      context.get_executor());
        return testing::run(context, watched(runner, std::move(stop_when)));
    }
    asio::awaitable<RunEnd> watched(Runner& runner, std::function<bool(Runner&)> stop_when) {
        TaskGroup watch(context.get_executor());
        const auto look = [&]() -> asio::awaitable<void> {
            while (!stop_when(runner)) co_await clock->sleep_for(1ms);
        };
        if (stop_when) watch.spawn(look());
        RunEnd end = co_await runner.run();
        watch.cancel();
        co_await watch.join();
        progress = runner.progress();
        co_return end;
    }
    std::string results() const { return slurp(paths.results); }
    static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
};

}  // namespace batchd::provider::direct
