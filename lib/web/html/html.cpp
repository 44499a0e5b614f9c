#include "web/html/html.hpp"

#include "base/log.hpp"

namespace batchd::web {
namespace {

std::string_view escape_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

/// Source: RFC 3986, 2.3.
bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

Html& Html::operator<<(Markup markup) {
    html_ += markup.text;
    return *this;
}

Html& Html::operator<<(Text text) {
    // First what a terminal would misread, then what a browser would: names and messages come from
    // strangers, and this is the only door for them.
    for (const char c : printable(text.text)) {
        const std::string_view escape = escape_of(c);
        if (escape.empty())
            html_ += c;
        else
            html_ += escape;
    }
    return *this;
}

Html& Html::operator<<(UrlPart part) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : part.text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c))
            html_ += c;
        else
            ((html_ += '%') += kDigits[byte >> 4U]) += kDigits[byte & 0xFU];
    }
    return *this;
}

Html& Html::operator<<(const Html& piece) {
    html_ += piece.html_;
    return *this;
}

}  // namespace batchd::web
