#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/disk/file.hpp"
#include "sim/api_error.hpp"

namespace batchd::sim {

/// The head of a request.
struct RequestHead {
    std::string method;
    std::string target;                         ///< as it was sent
    std::string path;                           ///< without the query
    std::map<std::string, std::string> query;   ///< decoded
    std::map<std::string, std::string> fields;  ///< names in lower case
    enum class After { keep_alive, close } after = After::keep_alive;

    /// "" when there is no such header field.
    std::string_view field(const std::string& name) const;
    std::string_view parameter(const std::string& name) const;
};

/// Splits a target into path and query. False when an escape is broken.
bool read_target(std::string_view target, RequestHead& into);

/// A stretch of a file that is sent as a body.
struct FileSlice {
    Path path;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
};

/// An answer; its body is `body`, or `file` where that is set.
struct Response {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::optional<FileSlice> file;

    std::uint64_t size_bytes() const { return file ? file->size_bytes : body.size(); }
};

Response json_response(unsigned status, const boost::json::value& body);
Response error_response(const ApiError& error, Envelope envelope);

/// The head of `response` as it goes over the wire, announcing `content_length` bytes.
std::string wire_head(const Response& response, std::uint64_t content_length, RequestHead::After after);

}  // namespace batchd::sim
