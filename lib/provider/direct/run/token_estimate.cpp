#include "provider/direct/run/token_estimate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "jsonl/json_fields.hpp"

namespace batchd::provider::direct {
namespace {

/// A rule of thumb for plain text.
constexpr std::uint64_t kBytesPerToken = 4;
/// No word is as long: it is an image or a sound.
constexpr std::size_t kBlobBytesMin = 1024;
/// An image of usual size has some hundred to a good thousand.
constexpr std::uint64_t kTokensOfABlob = 1000;
/// Of an answer whose length nobody has limited.
constexpr std::uint64_t kAnswerGuess = 500;

/// Of base64, in either of its alphabets, as it stands in JSON.
constexpr std::array<bool, 256> kIsOfBlob = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < table.size(); ++c)
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                   c == '/' || c == '-' || c == '_' || c == '=';
    return table;
}();

bool is_of_blob(char c) {
    return kIsOfBlob[static_cast<unsigned char>(c)];
}

std::uint64_t input_tokens(std::string_view body) {
    std::uint64_t blobs = 0;
    std::uint64_t text_bytes = body.size();
    for (std::size_t at = 0; at < body.size();) {
        // Looked at from its far end, so that of a text hardly any byte is.
        const std::size_t far = at + kBlobBytesMin - 1;
        if (far >= body.size()) break;
        std::size_t begin = far + 1;
        while (begin > at && is_of_blob(body[begin - 1])) --begin;
        if (begin > at) {
            at = begin;
            continue;
        }
        std::size_t end = far + 1;
        while (end < body.size() && is_of_blob(body[end])) ++end;
        ++blobs;
        text_bytes -= end - at;
        at = end + 1;
    }
    return text_bytes / kBytesPerToken + blobs * kTokensOfABlob;
}

bool has_no_answer_of_tokens(std::string_view url) {
    url = url.substr(0, url.find('?'));
    static constexpr std::array<std::string_view, 4> kEnds = {"/embeddings", "/moderations", "/rerank",
                                                              "/score"};
    return std::any_of(kEnds.begin(), kEnds.end(),
                       [url](std::string_view end) { return url.ends_with(end); });
}

std::optional<std::uint64_t> whole_number(std::string_view value) {
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (ec != std::errc() || end != value.data() + value.size()) return {};
    return number;
}

std::uint64_t output_tokens(std::string_view body) {
    // By any of their names; the largest counts where there are several.
    static constexpr std::array<std::string_view, 3> kLimits = {"\"max_completion_tokens\"",
                                                                "\"max_output_tokens\"", "\"max_tokens\""};
    std::optional<std::uint64_t> most;
    std::uint64_t choices = 1;
    jsonl::JsonFields fields(body);
    while (fields.next()) {
        const std::string_view field = fields.field();
        const auto is_named = [field](std::string_view name) { return field.starts_with(name); };
        if (std::any_of(kLimits.begin(), kLimits.end(), is_named)) {
            if (const auto number = whole_number(fields.value())) most = std::max(most.value_or(0), *number);
        } else if (is_named("\"n\"")) {
            // The most that is offered, so that a mistyped number does not stop the line for ever.
            choices = std::clamp<std::uint64_t>(whole_number(fields.value()).value_or(1), 1, 128);
        }
    }
    return std::min<std::uint64_t>(most.value_or(kAnswerGuess), 10'000'000) * choices;
}

}  // namespace

std::uint64_t token_estimate(std::string_view url, std::string_view body) {
    return input_tokens(body) + (has_no_answer_of_tokens(url) ? 0 : output_tokens(body));
}

}  // namespace batchd::provider::direct
