#pragma once

#include <memory>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "http/client.hpp"
#include "support/manual_clock.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::http {

using testing::answer;
using testing::Peer;
using testing::replies;
using testing::run;
using testing::Script;
using testing::ScriptedServer;

/// A client and the scripted server that it talks to. The clock stands still; only the time limits of single
/// operations are real, and they are long unless a test is about them.
struct ClientTest : ::testing::Test {
    boost::asio::io_context context{1};
    boost::asio::thread_pool pool{1};
    testing::ManualClock clock{context};
    testing::TempDir directory;
    std::unique_ptr<ScriptedServer> server;
    std::unique_ptr<Client> client;
    Client::Options options;

    ClientTest() {
        options.origin.scheme = Scheme::http;
        options.origin.host = "127.0.0.1";
        options.user_agent = "test";
    }

    void serve(std::vector<Script> scripts) {
        server = std::make_unique<ScriptedServer>(std::move(scripts));
        options.origin.port = server->port();
        make_client();
    }
    /// One connection that answers the n-th request with the n-th of `answers`, then waits.
    void serve_answers(std::vector<std::string> answers) { serve({replies(std::move(answers))}); }

    void make_client() { client = Client::create(options, context.get_executor(), pool, clock).value(); }

    static Request make(Method method, std::string target = "/x", std::string body = "") {
        Request request;
        request.method = method;
        request.target = std::move(target);
        request.body = std::move(body);
        return request;
    }
    Outcome<Response> get(std::string target = "/x") {
        return run(context, client->request(make(Method::get, std::move(target))));
    }
    Outcome<Response> post(std::string body = "{}") {
        return run(context, client->request(make(Method::post, "/x", std::move(body))));
    }
    Outcome<Download> download(std::uint64_t size_max = 100'000'000) {
        return run(context, client->download(make(Method::get), directory.path() / "out", size_max));
    }
    bool is_downloaded() const { return std::filesystem::exists(directory.path() / "out"); }
    bool is_empty() const { return std::filesystem::is_empty(directory.path()); }
};

}  // namespace batchd::http
