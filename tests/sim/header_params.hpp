#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::sim {

/// A header value of the form `value; name=token; name="quoted \" string"`.
struct HeaderValue {
    std::string value;                          ///< lower case
    std::map<std::string, std::string> params;  ///< names in lower case; quotes and backslashes removed
};

/// Nothing when it breaks the grammar. Source: RFC 9110 section 5.6.
std::optional<HeaderValue> parse_header_value(std::string_view text);

/// The text behind `utf-8''per%20cent`; nothing for another charset or a broken escape. Source: RFC 8187.
std::optional<std::string> decode_extended(std::string_view text);

/// `text` with %XX replaced; nothing when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);

std::string to_lower(std::string_view text);

}  // namespace batchd::sim
