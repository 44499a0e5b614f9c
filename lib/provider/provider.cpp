#include "provider/provider.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/text/letter_case.hpp"

namespace batchd::provider {
namespace {

// The words of all services that are known to speak like OpenAI, in lower case. None of them means two
// things, so that one table does for all.
constexpr auto kStatusWords = std::to_array<std::pair<std::string_view, BatchStatus>>({
    {"validating", BatchStatus::validating},
    {"pending", BatchStatus::validating},
    {"queued", BatchStatus::validating},
    {"in_queue", BatchStatus::validating},
    {"pre_schedule", BatchStatus::validating},
    {"in_progress", BatchStatus::in_progress},
    {"progress", BatchStatus::in_progress},
    {"running", BatchStatus::in_progress},
    {"processing", BatchStatus::in_progress},
    {"finalizing", BatchStatus::finalizing},
    {"completed", BatchStatus::completed},
    {"success", BatchStatus::completed},
    {"succeeded", BatchStatus::completed},
    {"failed", BatchStatus::failed},
    {"expired", BatchStatus::expired},
    {"timeout_exceeded", BatchStatus::expired},
    {"cancelling", BatchStatus::cancelling},
    {"canceling", BatchStatus::cancelling},
    {"cancellation_requested", BatchStatus::cancelling},
    {"cancelled", BatchStatus::cancelled},
    {"canceled", BatchStatus::cancelled},
});

}  // namespace

std::string_view to_string(FailureKind kind) {
    switch (kind) {
        case FailureKind::refused:
            return "refused";
        case FailureKind::not_found:
            return "not_found";
        case FailureKind::conflict:
            return "conflict";
        case FailureKind::unsupported:
            return "unsupported";
        case FailureKind::token_limit:
            return "token_limit";
        case FailureKind::rate_limited:
            return "rate_limited";
        case FailureKind::quota:
            return "quota";
        case FailureKind::unauthorized:
            return "unauthorized";
        case FailureKind::unreachable:
            return "unreachable";
        case FailureKind::unavailable:
            return "unavailable";
        case FailureKind::doubt:
            return "doubt";
        case FailureKind::local:
            return "local";
    }
    return "unavailable";
}

bool says_it_is_not_there(const Failure& failure) {
    return failure.kind == FailureKind::not_found && failure.in_own_words;
}

std::string to_string(const Failure& failure) {
    std::string text;
    if (failure.http_status != 0) text = std::to_string(failure.http_status);
    if (!failure.code.empty()) text += (text.empty() ? "" : " ") + failure.code;
    if (text.empty() && failure.message.empty()) return std::string(to_string(failure.kind));
    if (!text.empty() && !failure.message.empty()) text += ": ";
    return text + failure.message;
}

void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
    // Only value() of an answer that is a failure comes here, which is a bug.
    throw std::runtime_error(to_string(failure));
}

BatchStatus parse_status(std::string_view word) {
    for (const auto& [name, status] : kStatusWords)
        if (is_word(word, name)) return status;
    return BatchStatus::unknown;
}

bool is_terminal(BatchStatus status) {
    switch (status) {
        case BatchStatus::completed:
        case BatchStatus::failed:
        case BatchStatus::expired:
        case BatchStatus::cancelled:
            return true;
        case BatchStatus::validating:
        case BatchStatus::in_progress:
        case BatchStatus::finalizing:
        case BatchStatus::cancelling:
        case BatchStatus::unknown:
            return false;
    }
    return false;
}

void Provider::adjust(const config::Provider&) {}

boost::asio::awaitable<Answer<BatchObject>> Provider::end_now(std::string batch_id) {
    return retrieve(std::move(batch_id));
}

boost::asio::awaitable<void> Provider::drain() {
    co_return;
}

boost::asio::awaitable<void> Provider::run(std::function<void()>) {
    co_return;
}

}  // namespace batchd::provider
