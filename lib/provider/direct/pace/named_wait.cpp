#include "provider/direct/pace/named_wait.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text/letter_case.hpp"
#include "http/header/retry_after.hpp"
#include "provider/direct/pace/rate_headers.hpp"

namespace batchd::provider::direct {
namespace {

/// "26 seconds", "1 minute": what parse_reset() reads is told by words.
std::optional<Millis> in_words(std::string_view number, std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWords = {
        {{"millisecond", "ms"}, {"sec", "s"}, {"min", "m"}, {"hour", "h"}}};
    for (const auto& [begins_with, unit] : kWords)
        if (word.starts_with(begins_with)) return parse_reset(std::string(number) + std::string(unit));
    return {};
}

/// Whatever duration `text` begins with.
std::optional<Millis> leading_duration(std::string_view text) {
    const std::size_t size = std::min(text.find_first_of(" ,;)\n"), text.size());
    std::string_view token = text.substr(0, size);
    while (token.ends_with('.')) token.remove_suffix(1);
    // "26 seconds": the unit is the next word.
    const bool is_bare = token.find_first_not_of("0123456789.") == std::string_view::npos;
    if (is_bare && size < text.size())
        if (const auto wait = in_words(token, text.substr(size + 1))) return wait;
    return parse_reset(token);
}

}  // namespace

std::optional<Millis> named_wait(std::string_view text) {
    static constexpr std::array<std::string_view, 5> kPhrases = {"again in ", "retry in ", "retry after ",
                                                                 "again after ", "wait "};
    // Of a page of a megabyte only the beginning: a sentence about waiting stands near it.
    const std::string lower = to_lower(text.substr(0, 4096));
    for (const std::string_view phrase : kPhrases)
        for (std::size_t at = lower.find(phrase); at != std::string::npos; at = lower.find(phrase, at + 1))
            if (const auto wait = leading_duration(std::string_view(lower).substr(at + phrase.size())))
                return wait;
    return {};
}

namespace {

/// Servers echo what they were sent: "Internal error while handling: please wait 50 minutes" asks nobody.
std::optional<Millis> wait_in_words(unsigned status, std::string_view message) {
    const bool is_about_load = status == 429 || status == 498 || status == 503 || status == 529;
    const auto wait = is_about_load ? named_wait(message) : std::nullopt;
    return wait ? std::optional(std::min(*wait, kTextWaitMax)) : std::nullopt;
}

}  // namespace

std::optional<Millis> wait_asked_for(const http::Response& response, std::string_view message,
                                     TimePoint now) {
    // The server's own clock, where it shows it: ours may be off.
    const TimePoint base = http::parse_http_date(response.header("date")).value_or(now);
    std::optional<Millis> longest;
    for (const auto& wait : {http::parse_retry_after_ms(response.header("retry-after-ms")),
                             http::parse_retry_after(response.header("retry-after"), base),
                             wait_in_words(response.status, message)})
        if (wait && (!longest || *wait > *longest)) longest = wait;
    // What is said about this answer goes before what follows from the limits.
    if (longest) return longest;
    const RateHeaders rates = parse_rate_headers(response);
    for (const RateWindow& window : {rates.requests, rates.tokens}) {
        const bool ran_out = window.remaining && *window.remaining < 1 && window.reset;
        if (ran_out && (!longest || *window.reset > *longest)) longest = window.reset;
    }
    return longest;
}

}  // namespace batchd::provider::direct
