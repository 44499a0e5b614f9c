#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include "base/result.hpp"
#include "http/header/url.hpp"

namespace batchd::http {

enum class Method { get, post, del };

std::string_view to_string(Method method);

struct Header {
    std::string name;
    std::string value;
};

struct Request {
    Method method = Method::get;
    std::string target;  ///< path and query, as they are sent: escaped already
    std::vector<Header>
        headers;  ///< besides Host, User-Agent, Accept-Encoding and Content-Length, which are ours
    std::string body;
};

struct Response {
    unsigned status = 0;
    std::vector<Header> headers;     ///< names in lower case
    std::string body;                ///< of an answer other than 2xx: its first 64 KiB
    bool is_from_elsewhere = false;  ///< a redirect led to another origin, which got no credentials
    /// The first header of that name (lower case), or "".
    std::string_view header(std::string_view name) const;
    /// We ask for none; what comes all the same would be stored as garbage.
    bool has_content_coding() const;
};

/// How far a call had come when it failed.
enum class Phase {
    local,    ///< our own file, or the request itself: the server has not had a whole request
    connect,  ///< name, TCP, TLS: nothing was sent
    sent,     ///< something may have reached the server, and it may have acted on it
};

struct TransportError {
    Phase phase = Phase::sent;
    boost::system::error_code code;
    std::string text;  ///< for people: what was tried and why it failed
};

template <class T>
using Outcome = boost::system::result<T, TransportError>;
[[noreturn]] void throw_exception_from_error(const TransportError& error,
                                             const boost::source_location& where);

TransportError transport_error(Phase phase, const Error& error);

/// The head of `request` as it goes over the wire, up to and with the empty line.
/// Errors: bad_input for a target or header that would break out of its line.
/// Source: RFC 9112, sections 2 to 6.
Result<std::string> serialize_head(const Request& request, const Origin& origin, std::string_view user_agent,
                                   std::uint64_t body_size);

}  // namespace batchd::http
