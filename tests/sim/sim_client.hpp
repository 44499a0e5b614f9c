#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "sim/server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::sim {

/// What a request got. `complete` is false when the connection ended before the announced length.
struct Answer {
    unsigned status = 0;                        ///< 0: no answer
    std::map<std::string, std::string> fields;  ///< names in lower case
    std::string body;
    bool complete = false;

    /// The body as JSON; fails the test when it is none.
    boost::json::value json() const;
};

/// One request to send.
struct Call {
    std::string method = "GET";
    std::string path;
    std::string body;
    std::string content_type = "application/json";
    std::map<std::string, std::string> fields = {{"Authorization", "Bearer sk-sim"}};
};

/// Sends `call` to 127.0.0.1 over a connection of its own, and waits for the answer.
Answer send(std::uint16_t port, const Call& call);

/// A server whose clock stands still, in a folder of its own, and the calls that tests make most.
class SimFixture {
public:
    explicit SimFixture(Settings settings = {});

    Server& server() { return server_; }
    const Path& directory() const { return directory_.path(); }
    Answer get(std::string path) { return call("GET", std::move(path), ""); }
    Answer post(std::string path, std::string body) { return call("POST", std::move(path), std::move(body)); }
    Answer call(std::string method, std::string path, std::string body);
    /// Uploads `content` as a batch input; its id.
    std::string upload(std::string_view content);
    Answer create_answer(std::string_view file_id, std::string_view more_fields = "");
    /// Creates a chat batch from `content`; its id.
    std::string create(std::string_view content, std::string_view more_fields = "");
    boost::json::value batch(std::string_view id);
    std::string status(std::string_view id);
    std::string content(const boost::json::value& file_id);
    void advance(double seconds);

private:
    testing::TempDir directory_;
    Server server_;
};

/// `count` good chat rows, row-1 to row-COUNT.
std::string chat_rows(std::size_t count);
std::string chat_row(std::string_view custom_id);

}  // namespace batchd::sim
