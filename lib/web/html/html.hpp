#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace batchd::web {

/// Markup of ours. It can only be made of a literal, so that nothing from outside gets into a page as markup:
/// that does not compile.
struct Markup {
    consteval Markup(const char* literal) : text(literal) {}
    std::string_view text;
};

/// Text from anywhere, for between tags or inside a quoted attribute: it is shown as it is, and controls and
/// marks that turn the direction of text as "\xNN".
struct Text {
    explicit Text(std::string_view shown) : text(shown) {}
    std::string_view text;
};

/// A part of an address, between two slashes or behind a "=", which can't break out of its place.
struct UrlPart {
    explicit UrlPart(std::string_view part) : text(part) {}
    std::string_view text;
};

/// What all HTML goes through: `page << "<td>" << Text(name) << "</td>"`.
class Html {
public:
    Html& operator<<(Markup markup);
    Html& operator<<(Text text);
    Html& operator<<(UrlPart part);
    Html& operator<<(const Html& piece);
    template <std::integral Number>
        requires(!std::same_as<Number, char> && !std::same_as<Number, bool>)
    Html& operator<<(Number number) {
        html_ += std::to_string(number);
        return *this;
    }

    /// UTF-8, and ready to be sent.
    const std::string& str() const { return html_; }

private:
    std::string html_;
};

}  // namespace batchd::web
