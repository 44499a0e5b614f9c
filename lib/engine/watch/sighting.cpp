#include "engine/watch/sighting.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace batchd::engine {
namespace {

using provider::ValidationError;

constexpr std::string_view kLine = "line ";
constexpr std::string_view kBehind = ": ";

std::string text_of(const ValidationError& error) {
    std::string text;
    if (error.line) text = std::string(kLine) + std::to_string(*error.line) + std::string(kBehind);
    if (!error.code.empty()) text += error.code + std::string(kBehind);
    return text + error.message;
}

/// Takes what stands before the first ": " off the text; "" where there is none.
std::string_view take_head(std::string_view& text) {
    const std::size_t end = text.find(kBehind);
    if (end == std::string_view::npos) return {};
    const std::string_view head = text.substr(0, end);
    text.remove_prefix(end + kBehind.size());
    return head;
}

std::optional<std::uint64_t> line_in(std::string_view head) {
    if (!head.starts_with(kLine)) return std::nullopt;
    head.remove_prefix(kLine.size());
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(head.data(), head.data() + head.size(), number);
    return ec == std::errc() && end == head.data() + head.size() ? std::optional(number) : std::nullopt;
}

/// Codes are single words. A sentence before a colon is part of the message.
bool is_code(std::string_view head) {
    return !head.empty() && head.find_first_of(" \t\n\"'") == std::string_view::npos;
}

}  // namespace

store::Sighting sighting_of(const provider::BatchObject& object) {
    store::Sighting sighting;
    sighting.status = object.status_word;
    sighting.completed = object.completed;
    sighting.failed = object.failed;
    sighting.expires_at = object.expires_at;
    sighting.output_file_id = object.output_file_id;
    sighting.error_file_id = object.error_file_id;
    // Zeros are what services write that do not count.
    const bool has_tokens = object.usage && object.usage->input + object.usage->output > 0;
    if (has_tokens) sighting.usage = money::to_json(*object.usage);
    if (object.errors.empty()) return sighting;
    // The row has room for one. All of them are asked for again when a failed batch is judged.
    sighting.error = text_of(object.errors.front());
    return sighting;
}

ValidationError recorded_error(std::string_view text) {
    ValidationError error;
    std::string_view rest = text;
    error.line = line_in(take_head(rest));
    if (!error.line) rest = text;
    std::string_view behind_code = rest;
    if (const std::string_view head = take_head(behind_code); is_code(head)) {
        error.code = head;
        rest = behind_code;
    }
    error.message = rest;
    return error;
}

}  // namespace batchd::engine
