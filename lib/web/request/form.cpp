#include "web/request/form.hpp"

#include <algorithm>

namespace batchd::web {
namespace {

// The largest form of ours has a handful.
constexpr std::size_t kFieldsMax = 64;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> form_decoded(std::string_view text) {
    std::string spaced(text);
    // Before the decoding: a "%2B" is a plus and becomes one afterwards.
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decoded(spaced);
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = digit_of(text[i + 1]), low = digit_of(text[i + 2]);
        // %00 is refused with the rest: a text that ends early for whoever reads it next is how names are
        // smuggled.
        if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

Fields Fields::parse(std::string_view text) {
    Fields fields;
    // No form of ours has as many; what follows is dropped, so that a request can not make us keep a
    // million of them.
    for (std::size_t count = 0; !text.empty() && count < kFieldsMax; ++count) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        const auto equals = pair.find('=');
        auto name = form_decoded(pair.substr(0, equals));
        auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                      : form_decoded(pair.substr(equals + 1));
        // emplace() leaves what is there, and so the first of one name counts.
        if (name && value) fields.fields_.emplace(std::move(*name), std::move(*value));
    }
    return fields;
}

const std::string& Fields::operator[](std::string_view name) const {
    static const std::string kNone;
    const auto found = fields_.find(name);
    return found == fields_.end() ? kNone : found->second;
}

std::string_view cookie(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const std::string_view pair = header.substr(0, header.find(';'));
        header.remove_prefix(std::min(pair.size() + 1, header.size()));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && trimmed(pair.substr(0, equals)) == name)
            return trimmed(pair.substr(equals + 1));
    }
    return {};
}

}  // namespace batchd::web
