#include "server/message.hpp"

#include <algorithm>

#include <boost/beast/http/status.hpp>

namespace batchd::server {
namespace {

/// Names come from users: one with a line end in it must not become a header, or an answer, of its own.
std::string one_line(std::string_view value) {
    std::string line(value);
    std::replace_if(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return line;
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
    for (const Header& header : headers)
        if (header.name == name) return header.value;
    return {};
}

std::string serialize_head(const AnswerHead& head, Framing framing, std::uint64_t size, bool keep_alive) {
    const auto reason =
        boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(head.status));
    std::string text = "HTTP/1.1 " + std::to_string(head.status) + " " + std::string(reason) + "\r\n";
    for (const Header& header : head.headers) text += header.name + ": " + one_line(header.value) + "\r\n";
    if (framing == Framing::length) text += "Content-Length: " + std::to_string(size) + "\r\n";
    if (framing == Framing::chunked) text += "Transfer-Encoding: chunked\r\n";
    text += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return text;
}

}  // namespace batchd::server
