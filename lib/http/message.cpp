#include "http/message.hpp"

#include <algorithm>
#include <stdexcept>

namespace batchd::http {
namespace {

/// What a field value may hold. Source: RFC 9110, section 5.5.
bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7F) || c == '\t';
    });
}

bool is_target(std::string_view text) {
    return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte > 0x20 && byte < 0x7F;
           });
}

}  // namespace

std::string_view to_string(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::post:
            return "POST";
        case Method::del:
            return "DELETE";
    }
    return "GET";
}

bool Response::has_content_coding() const {
    const std::string_view coding = header("content-encoding");
    // Some servers name the coding that is none.
    return !coding.empty() && coding != "identity";
}

std::string_view Response::header(std::string_view name) const {
    for (const Header& header : headers)
        if (header.name == name) return header.value;
    return {};
}

void throw_exception_from_error(const TransportError& error, const boost::source_location&) {
    throw std::runtime_error(error.text);
}

TransportError transport_error(Phase phase, const Error& error) {
    return {phase, error.code, to_string(error)};
}

Result<std::string> serialize_head(const Request& request, const Origin& origin, std::string_view user_agent,
                                   std::uint64_t body_size) {
    if (!is_target(request.target))
        return error(Errc::bad_input, "the request's path has a character that needs escaping");
    std::string head(to_string(request.method));
    head.append(" ").append(request.target).append(" HTTP/1.1\r\n");
    const auto add = [&head](std::string_view name, std::string_view value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    add("Host", host_header(origin));
    add("User-Agent", user_agent);
    // An answer is kept byte for byte, and its length is the one that was announced.
    add("Accept-Encoding", "identity");
    for (const Header& header : request.headers) {
        if (!is_field_value(header.value))
            return error(Errc::bad_input,
                         "the value for the header " + header.name + " has a control character");
        add(header.name, header.value);
    }
    // Of an empty body as well, for some servers wait for one otherwise.
    if (request.method == Method::post) add("Content-Length", std::to_string(body_size));
    head += "\r\n";
    return head;
}

}  // namespace batchd::http
