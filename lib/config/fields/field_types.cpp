#include "config/fields/field_types.hpp"

namespace batchd::config {

std::string complaint_about(const Value& value, const std::string& expects) {
    return "is " + describe(value) + ": must be " + expects;
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_header_word(std::string_view word) {
    // A space or a line's end in it would begin another header.
    return word.size() <= 256 &&
           std::all_of(word.begin(), word.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// "//host/…" is an address without a scheme, not a path.
bool is_endpoint(std::string_view path) {
    return path.starts_with('/') && !path.starts_with("//") && is_header_word(path);
}

bool is_model(std::string_view name) {
    return name.size() <= 256;
}

bool is_window(std::string_view window) {
    return !window.empty() && window.size() <= 64;
}

const std::string* as_text(const Value& value) {
    return std::get_if<std::string>(&value.content);
}

std::optional<Path> as_path(const Value& value) {
    const std::string* const text = as_text(value);
    // A relative path would mean another folder for the service than for the shell in which it was tried.
    if (text == nullptr || !text->starts_with('/') || has_control_characters(*text)) return std::nullopt;
    Path normal = Path(*text).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();  // "/a/b/" is "/a/b"
}

std::optional<Millis> as_duration(const Value& value, Millis min, Millis max) {
    const std::string* const text = as_text(value);
    // A bare number is refused: nobody could tell seconds from minutes.
    const auto parsed = text == nullptr ? std::nullopt : parse_duration(*text);
    return parsed && *parsed >= min && *parsed <= max ? parsed : std::nullopt;
}

std::optional<std::int64_t> as_count(const Value& value, std::int64_t min, std::int64_t max) {
    // The bounds are held here, so nothing behind the configuration has to ask whether a number makes sense.
    const auto* const number = std::get_if<std::int64_t>(&value.content);
    return number != nullptr && *number >= min && *number <= max ? std::optional(*number) : std::nullopt;
}

std::optional<std::uint64_t> as_size(const Value& value, std::uint64_t max_bytes) {
    std::optional<std::uint64_t> bytes;
    if (const auto* const number = std::get_if<std::int64_t>(&value.content);
        number != nullptr && *number > 0)
        bytes = static_cast<std::uint64_t>(*number);
    // As a number of bytes or with a unit: both are common, and neither can be taken for the other.
    if (const std::string* const text = as_text(value)) bytes = parse_size(*text);
    return bytes && *bytes >= 1 && *bytes <= max_bytes ? bytes : std::nullopt;
}

}  // namespace batchd::config
