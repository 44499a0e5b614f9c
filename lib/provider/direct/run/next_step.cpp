#include "provider/direct/run/next_step.hpp"

#include <algorithm>

#include "base/backoff.hpp"

namespace batchd::provider::direct {
namespace {

constexpr unsigned kLongLossesMax = 2;
/// Wide, for an overloaded server refuses hundreds of rows in the same moment.
constexpr double kSpread = 0.5;
/// A row that is refused while others are answered makes room for them, more and more.
constexpr Backoff kRefusals{
    .min = std::chrono::milliseconds(50), .max = std::chrono::seconds(10), .spread = kSpread};

NextStep settled_as(RecordKind record, const RowHistory& history) {
    return {.kind = NextStep::Kind::settle, .record = record, .history = history};
}

NextStep after_refusal(const Verdict& verdict, RowHistory history, const RetryLimits& limits, Millis now,
                       double jitter) {
    if (!history.refused_since) history.refused_since = now;
    // A server that never lets it in would otherwise keep the job open for ever.
    if (now - *history.refused_since >= limits.patience) return settled_as(RecordKind::failed, history);
    NextStep step;
    // The pace waits as well, but another request may have been let go before it heard of this, and a row
    // that comes back takes its place.
    step.delay = verdict.wait.value_or(Millis(0));
    if (history.refusals > 0) step.delay = std::max(step.delay, kRefusals.delay(history.refusals, jitter));
    ++history.refusals;
    step.history = history;
    return step;
}

NextStep after_break(const Verdict& verdict, RowHistory history, const RetryLimits& limits, double jitter) {
    ++history.attempts;
    if (verdict.is_long_lost) ++history.long_losses;
    // It was let in, so that a refusal after this is the first one again.
    history.refusals = 0;
    history.refused_since.reset();
    const bool is_over = history.attempts >= limits.attempts || history.long_losses >= kLongLossesMax;
    if (is_over) return settled_as(RecordKind::failed, history);
    NextStep step;
    const Backoff backoff{.min = limits.min_backoff, .max = limits.max_backoff, .spread = kSpread};
    step.delay = std::max(backoff.delay(history.attempts, jitter), verdict.wait.value_or(Millis(0)));
    step.history = history;
    return step;
}

}  // namespace

NextStep next_step(const Verdict& verdict, RowHistory history, const RetryLimits& limits, Millis now,
                   double jitter) {
    switch (verdict.meaning) {
        case Meaning::answered:
        case Meaning::row_failed:
        case Meaning::no_model:
            ++history.attempts;
            return settled_as(
                verdict.meaning == Meaning::answered ? RecordKind::answered : RecordKind::failed, history);
        case Meaning::not_let_in:
            return after_refusal(verdict, history, limits, now, jitter);
        case Meaning::broken:
            return after_break(verdict, history, limits, jitter);
        case Meaning::unauthorized:
        case Meaning::quota:
            // Nothing is held against the row: it is the account that has to be mended.
            return {.kind = NextStep::Kind::halt, .history = history};
    }
    return settled_as(RecordKind::failed, history);
}

std::string settled_line(const LineHead& head, const Verdict& verdict, const http::Response* response) {
    const bool is_answer = verdict.meaning == Meaning::answered;
    // A refusal is shown as the server wrote it. What it says with 5xx, or with 2xx and no answer in it, is
    // about itself.
    const bool is_refusal = response != nullptr && response->status / 100 == 4 && response->status != 408;
    if (is_answer || is_refusal)
        return answer_line(head, response->status, response->header("x-request-id"), response->body,
                           verdict.is_json);
    return no_answer_line(head, verdict.code, verdict.message);
}

}  // namespace batchd::provider::direct
