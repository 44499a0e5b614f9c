#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batchd::server {

/// One header of a request or an answer.
struct Header {
    std::string name;
    std::string value;
};

/// The head of a request, as the client sent it: nothing in it is to be believed.
struct RequestHead {
    std::string method;           ///< "GET"
    std::string path;             ///< of the target, up to the '?'; not decoded
    std::string query;            ///< behind it, or ""
    std::vector<Header> headers;  ///< names in lower case
    std::optional<std::uint64_t> content_length;

    /// The first header of that name (lower case), or "".
    std::string_view header(std::string_view name) const;
    /// A body follows, which may be empty: its length is told, or that it comes in chunks.
    bool has_body() const { return content_length || !header("transfer-encoding").empty(); }
};

/// The head of an answer. Date, Connection and what frames the body are the server's.
struct AnswerHead {
    unsigned status = 200;
    std::vector<Header> headers{};
};

/// An answer that is at hand as a whole.
struct Answer {
    AnswerHead head;
    std::string body;
};

/// How the end of a body is told.
enum class Framing {
    length,   ///< Content-Length
    chunked,  ///< in pieces, each with its size
    close     ///< by the end of the connection, for clients of HTTP/1.0
};

/// The bytes of an answer's head, up to and with the empty line. What would break out of a header's line is
/// made a space. `size` is that of the body, with Framing::length.
std::string serialize_head(const AnswerHead& head, Framing framing, std::uint64_t size, bool keep_alive);

}  // namespace batchd::server
