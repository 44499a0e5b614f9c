#include "provider/failure.hpp"

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "http/retry_after.hpp"
#include "provider/batch_json.hpp"

namespace batchd::provider {
namespace {

constexpr std::size_t kMessageBytesMax = 2048;
constexpr std::size_t kReasonWordBytesMax = 200;
constexpr std::string_view kMark = "[redacted]";

char fold(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return fold(a) == fold(b); }) != text.end();
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

FailureKind broken(Effect effect) {
    return effect == Effect::possible ? FailureKind::doubt : FailureKind::unavailable;
}

bool is_token_limit(const ErrorEnvelope& error) {
    return error.code == "token_limit_exceeded" || error.type == "token_limit_exceeded" ||
           contains(error.message, "enqueued token limit") ||
           contains(error.message, "enqueued tokens has surpassed");
}

bool is_quota(unsigned status, const ErrorEnvelope& error) {
    static constexpr std::array<std::string_view, 4> kCodes = {
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"};
    return status == 402 || is_one_of(error.code, kCodes) || is_one_of(error.type, kCodes) ||
           contains(error.message, "exceeded your current quota");
}

/// A 403 is about the key, its project or its region, unless it names what must not be used.
bool is_about_one_resource(const ErrorEnvelope& error) {
    return error.code == "model_not_found" || !error.param.empty() ||
           contains(error.message, "access to model");
}

bool is_servers_fault(unsigned status) {
    // 501 and 505 say that it will never do what was asked, hence that it did nothing.
    return status == 408 || status == 425 || (status >= 500 && status != 501 && status != 505) ||
           status < 400;
}

FailureKind kind_of(const http::Response& response, const ErrorEnvelope& error, Effect effect) {
    const unsigned status = response.status;
    if (is_token_limit(error)) return FailureKind::token_limit;
    if (is_servers_fault(status)) return broken(effect);
    // Another host, which we showed no key, says nothing about it: the link that led there may have run out.
    if (response.is_from_elsewhere && (status == 401 || status == 403)) return broken(effect);
    if (is_quota(status, error)) return FailureKind::quota;
    if (status == 401 || (status == 403 && !is_about_one_resource(error))) return FailureKind::unauthorized;
    if (status == 429) return FailureKind::rate_limited;
    if (status == 404 || status == 410) return FailureKind::not_found;
    if (status == 409) return FailureKind::conflict;
    if (status == 400 && contains(error.message, "cannot find file")) return FailureKind::not_found;
    if (response.header("x-should-retry") == "true") return broken(effect);
    return FailureKind::refused;
}

std::optional<Millis> wait_asked(const http::Response& response, TimePoint now) {
    if (const auto wait = http::parse_retry_after_ms(response.header("retry-after-ms"))) return wait;
    // The server's own clock, where it shows it: ours may be off.
    const TimePoint base = http::parse_http_date(response.header("date")).value_or(now);
    return http::parse_retry_after(response.header("retry-after"), base);
}

/// A page for browsers says what matters in its title.
std::string_view gist(std::string_view body) {
    const std::size_t open = body.find("<title>");
    if (open == std::string_view::npos) return body;
    const std::size_t begin = open + 7;
    const std::size_t end = body.find("</title>", begin);
    return end == std::string_view::npos ? body : body.substr(begin, end - begin);
}

std::string shown(std::string_view body) {
    const std::string_view text = gist(body).substr(0, kMessageBytesMax);
    return text.empty() ? "(no text)" : std::string(text);
}

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '*';
}

void redact(std::string& text, std::string_view secret) {
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kMark.size()))
        text.replace(at, secret.size(), kMark);
}

/// "sk-abc…", masked with stars or not. "task-1" is none: nothing of a word stands before a key.
void redact_key_lookalikes(std::string& text) {
    for (std::size_t at = text.find("sk-"); at != std::string::npos; at = text.find("sk-", at + 1)) {
        if (at > 0 && is_key_character(text[at - 1])) continue;
        std::size_t end = at;
        while (end < text.size() && is_key_character(text[end])) ++end;
        text.replace(at, end - at, kMark);
    }
}

/// Cuts between characters, never within one.
void shorten(std::string& text, std::size_t size_max) {
    if (text.size() <= size_max) return;
    std::size_t size = size_max - 3;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text.resize(size);
    text += "...";
}

}  // namespace

Failure classify(const http::TransportError& error, Effect effect) {
    Failure failure;
    switch (error.phase) {
        case http::Phase::local:
            failure.kind = FailureKind::local;
            break;
        case http::Phase::connect:
            failure.kind = FailureKind::unreachable;
            break;
        case http::Phase::sent:
            failure.kind = broken(effect);
            break;
    }
    failure.message = error.text;
    return failure;
}

Failure classify(const http::Response& response, Effect effect, TimePoint now) {
    ErrorEnvelope error = parse_error(response.body).value_or(ErrorEnvelope{});
    if (error.message.empty()) error.message = shown(response.body);
    Failure failure;
    failure.kind = kind_of(response, error, effect);
    failure.http_status = response.status;
    failure.retry_after = wait_asked(response, now);
    failure.code = !error.code.empty() ? error.code : error.type;
    // Without a code of its own, what else is not found (a wrong base_url) would look the same.
    if (failure.kind == FailureKind::not_found && response.status == 400) failure.code = "file_not_visible";
    failure.param = std::move(error.param);
    failure.message = std::move(error.message);
    if (response.status < 400) failure.message = "unexpected answer: " + failure.message;
    return failure;
}

Failure unusable(const http::Response& response, Effect effect, std::string_view wanted) {
    Failure failure;
    failure.kind = broken(effect);
    failure.http_status = response.status;
    failure.message = "the answer is not " + std::string(wanted) + ": " + shown(response.body);
    return failure;
}

std::string safe_text(std::string_view text, std::string_view key) {
    std::string clean(text.substr(0, 4 * kMessageBytesMax));
    // A shorter one would blank ordinary words, and no real key is shorter.
    if (key.size() >= 6) redact(clean, key);
    redact_key_lookalikes(clean);
    clean = printable(clean);
    shorten(clean, kMessageBytesMax);
    return clean;
}

Failure safe(Failure failure, std::string_view key) {
    failure.code = safe_text(failure.code, key);
    shorten(failure.code, kReasonWordBytesMax);
    failure.param = safe_text(failure.param, key);
    shorten(failure.param, kReasonWordBytesMax);
    failure.message = safe_text(failure.message, key);
    return failure;
}

}  // namespace batchd::provider
