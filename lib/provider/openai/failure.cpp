#include "provider/openai/failure.hpp"

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "base/text/letter_case.hpp"
#include "http/header/retry_after.hpp"
#include "jsonl/result/no_model.hpp"
#include "jsonl/result/no_money.hpp"
#include "provider/openai/batch_json.hpp"
#include "provider/openai/json/json_scalar.hpp"

namespace batchd::provider {
namespace {

constexpr std::size_t kMessageBytesMax = 2048;
// A code is a word; a server that writes a page into it must not fill a log line.
constexpr std::size_t kReasonWordBytesMax = 200;
constexpr std::string_view kMark = "[redacted]";

template <class T, std::size_t N>
bool is_one_of(const T& word, const std::array<T, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

FailureKind broken(Effect effect) {
    return effect == Effect::possible ? FailureKind::doubt : FailureKind::unavailable;
}

bool is_token_limit(const ErrorEnvelope& error) {
    return error.code == "token_limit_exceeded" || error.type == "token_limit_exceeded" ||
           says(error.message, "enqueued token limit") ||
           says(error.message, "enqueued tokens has surpassed");
}

bool is_quota(unsigned status, const ErrorEnvelope& error) {
    return status == 402 || jsonl::names_no_money(error.code, error.type) ||
           says(error.message, "exceeded your current quota");
}

/// A 403 is about the key, its project or its region, unless it names what must not be used.
bool is_about_one_resource(const ErrorEnvelope& error) {
    return error.code == "model_not_found" || !error.param.empty() ||
           says(error.message, "access to model") ||
           jsonl::names_no_model(error.code, error.param, error.message);
}

bool is_servers_fault(unsigned status) {
    // 501 and 505 say that it will never do what was asked, hence that it did nothing.
    return status == 408 || status == 425 || status == 499 ||
           (status >= 500 && status != 501 && status != 505) || status < 400;
}

/// Who speaks in an answer.
enum class Voice {
    provider,  ///< its own error object
    text,      ///< somebody, in a few words
    page,      ///< something for browsers, or nothing: no server of an API
};

Voice voice_of(const http::Response& response, bool has_error_object) {
    if (has_error_object && !response.is_from_elsewhere) return Voice::provider;
    const std::size_t begin = response.body.find_first_not_of(" \t\r\n");
    const bool is_page = begin == std::string::npos || response.body[begin] == '<' ||
                         says(response.header("content-type"), "text/html");
    return is_page ? Voice::page : Voice::text;
}

FailureKind kind_of(const http::Response& response, Voice voice, const ErrorEnvelope& error, Effect effect) {
    const unsigned status = response.status;
    // The order matters: what is named by a code of its own goes before what the status says, for gateways
    // and look-alikes are free with statuses.
    if (is_token_limit(error)) return FailureKind::token_limit;
    if (is_servers_fault(status)) return broken(effect);
    // Another host, which we showed no key, knows nothing of us: the link that led there may have run out.
    if (response.is_from_elsewhere) return broken(effect);
    // A gateway may say no in its own name to the answer of a call that it let through. Only of too many
    // calls it speaks before it lets any through, in a word or two; the search for what the call did will
    // tell whether the key is refused as well.
    const bool may_hide_an_effect = effect == Effect::possible && voice != Voice::provider;
    static constexpr std::array<unsigned, 5> kHiding = {401, 402, 404, 410, 501};
    if (may_hide_an_effect && is_one_of(status, kHiding)) return broken(effect);
    if (may_hide_an_effect && status == 429 && voice == Voice::page) return broken(effect);
    if (is_quota(status, error)) return FailureKind::quota;
    if (status == 401) return FailureKind::unauthorized;
    if (status == 429) return FailureKind::rate_limited;
    if (status == 404 || status == 410) return FailureKind::not_found;
    if (status == 501) return FailureKind::unsupported;
    // A page comes from a load balancer or a captive portal. To believe its 403 would close the account for
    // a key that nobody has refused.
    if (voice == Voice::page) return broken(effect);
    if (status == 403 && !is_about_one_resource(error)) return FailureKind::unauthorized;
    // A 403 in plain words is still about access, and a closed account is looked after by a person.
    if (voice == Voice::text && status != 403) return broken(effect);
    // Not now, and not for ever: the caller tries again some times before it believes it.
    if (status == 409 || status == 423) return FailureKind::conflict;
    // The provider's own hint, which its own clients obey.
    if (response.header("x-should-retry") == "true") return broken(effect);
    return FailureKind::refused;
}

/// "The file is still being processed": the same call may be right in a moment.
bool is_about_early_file(std::string_view message) {
    static constexpr std::array<std::string_view, 8> kNotYet = {
        "being processed", "not been processed", "not processed", "yet processed",
        "not ready",       "yet ready",          "yet available", "pending"};
    if (says(message, "cannot find file")) return true;
    return says(message, "file") && says_any(message, kNotYet);
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
    const std::string_view text = gist(body).substr(0, kUnsafeBytesMax);
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

/// What begins like a key, masked with stars or not. "task-1" is none: nothing of a word stands before a key.
void redact_key_lookalikes(std::string& text) {
    static constexpr std::array<std::string_view, 3> kBeginnings = {"sk-", "gsk_", "eyJ"};
    for (const std::string_view beginning : kBeginnings) {
        for (std::size_t at = text.find(beginning); at != std::string::npos;
             at = text.find(beginning, at + 1)) {
            if (at > 0 && is_key_character(text[at - 1])) continue;
            std::size_t end = at;
            // The parts of a token are joined by dots.
            while (end < text.size() && (is_key_character(text[end]) || text[end] == '.')) ++end;
            while (text[end - 1] == '.') --end;  // that ends the sentence
            text.replace(at, end - at, kMark);
        }
    }
}

}  // namespace

Failure classify(const http::TransportError& error, Effect effect) {
    Failure failure;
    // How far the call came decides whether it may have had an effect: before the connection stood nothing
    // was sent, and behind it everything may have been.
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
    const auto said = parse_error(response.body);
    const Voice voice = voice_of(response, said.has_value());
    ErrorEnvelope error = said.value_or(ErrorEnvelope{});
    if (error.message.empty()) error.message = shown(response.body);
    Failure failure;
    failure.kind = kind_of(response, voice, error, effect);
    failure.in_own_words = voice == Voice::provider;
    failure.http_status = response.status;
    failure.retry_after = wait_asked(response, now);
    failure.code = !error.code.empty() ? error.code : error.type;
    failure.param = std::move(error.param);
    failure.message = std::move(error.message);
    if (response.status < 400) failure.message = "unexpected answer: " + failure.message;
    return failure;
}

Failure of_listing(Failure failure) {
    // A list that is not there is a server without lists, and no list in which something is missing.
    if (failure.http_status == 404 || failure.http_status == 405) failure.kind = FailureKind::unsupported;
    return failure;
}

Failure of_creation(Failure failure) {
    // Who need not be the provider may say no after it has said yes. A key that is refused is refused as well
    // where the batch is looked for.
    const bool says_no = failure.kind == FailureKind::refused || failure.kind == FailureKind::unauthorized;
    if (says_no && !failure.in_own_words) failure.kind = FailureKind::doubt;
    const bool is_refusal = failure.http_status == 400 || failure.http_status == 422
                                ? failure.kind == FailureKind::refused
                                : failure.kind == FailureKind::conflict || failure.http_status == 425;
    if (is_refusal && failure.in_own_words && is_about_early_file(failure.message)) {
        failure.kind = FailureKind::not_found;
        // With the code of any other, what else is not found (a wrong base_url) would look the same.
        failure.code = "file_not_visible";
    }
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
    // More than is kept, because what is taken out makes it shorter, and a key at the border must be seen
    // whole.
    std::string clean(text.substr(0, kUnsafeBytesMax));
    // A shorter one would blank ordinary words, and no real key is shorter.
    if (key.size() >= 6) redact(clean, key);
    redact_key_lookalikes(clean);
    return shortened(printable(clean), kMessageBytesMax);
}

Failure safe(Failure failure, std::string_view key) {
    failure.code = safe_text(failure.code, key);
    failure.code = shortened(failure.code, kReasonWordBytesMax);
    failure.param = safe_text(failure.param, key);
    failure.param = shortened(failure.param, kReasonWordBytesMax);
    failure.message = safe_text(failure.message, key);
    return failure;
}

}  // namespace batchd::provider
