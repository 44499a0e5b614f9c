#pragma once

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "provider/openai/openai.hpp"
#include "support/manual_clock.hpp"
#include "support/rows.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider {

using testing::answer;
using testing::Peer;
using testing::replies;
using testing::run;
using testing::Script;

inline constexpr const char* kBatch =
    R"({"id":"batch_1","object":"batch","status":"validating","input_file_id":"file-1"})";
inline constexpr const char* kFile =
    R"({"id":"file-1","object":"file","filename":"batchd-k.jsonl","bytes":5,"created_at":1761896207})";

struct OpenAiTest : ::testing::Test {
    boost::asio::io_context context{1};
    boost::asio::thread_pool pool{1};
    testing::ManualClock clock{context};
    testing::TempDir directory;
    ApiKey key{"sk-test-key"};
    config::Provider settings;
    std::unique_ptr<testing::ScriptedServer> server;
    std::unique_ptr<Provider> provider;

    void serve(std::vector<std::string> answers) { serve_script(replies(std::move(answers))); }
    void serve_script(Script script, std::optional<testing::Identity> tls = std::nullopt) {
        serve_scripts({std::move(script)}, std::move(tls));
    }
    void serve_scripts(std::vector<Script> scripts, std::optional<testing::Identity> tls = std::nullopt) {
        const std::string scheme = tls ? "https" : "http";
        server = std::make_unique<testing::ScriptedServer>(std::move(scripts), std::move(tls));
        settings.base_url = scheme + "://127.0.0.1:" + std::to_string(server->port()) + "/v1/";
        provider = make_openai(settings, key, context.get_executor(), pool, clock).value();
    }
    /// Closes the connection when it has a request.
    static void hang_up(Peer& peer) { peer.read_request(); }

    Answer<BatchObject> create() {
        NewBatch batch{"file-1", "/v1/chat/completions", "24h", {{"batchd_key", "k"}}};
        return run(context, provider->create(Turn(), std::move(batch)));
    }
    std::string sent(std::size_t i = 0) const { return server->requests().at(i); }
    static bool has(const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    }
};

}  // namespace batchd::provider
