#pragma once

#include <span>
#include <string_view>

#include "base/log.hpp"

namespace batchd::engine {

/// What can happen, as it stands in the log and in `events.kind`. event_kind.cpp has for each its level and
/// what it means to an operator.
enum class EventKind {
    started,
    stopped,
    job_claimed,
    job_planned,
    job_rejected,
    job_delivered,
    job_failed,
    job_cancelled,
    file_left_alone,
    claim_undone,
    input_changed,
    queue_released,
    budget_holds,
    budget_free,
    batch_uploaded,
    batch_created,
    batch_status,
    batch_overdue,
    batch_ended,
    batch_reopened,
    batch_left_open,
    batch_again,
    batch_collected,
    batch_refused,
    file_deleted,
    batch_gone,
    batch_held,
    batch_released,
    batch_abandoned,
    batch_cancelling,
    batch_withdrawn,
    lines_refused,
    rows_again,
    rows_mended,
    rows_elsewhere,
    requests_repeated,
    answers_lost,
    answers_left_out,
    rows_unexpected,
    usage_differs,
    doubt,
    doubt_settled,
    twin_cancelled,
    waiting,
    token_limit,
    provider_closed,
    provider_open,
    inbox_gone,
    inbox_back,
    command,
    configuration,
    prices,
    recovered,
    notice_given_up,
    hook_run,
    hook_failed,
    work_unknown,
};

struct EventInfo {
    EventKind kind;
    std::string_view name;
    LogLevel level;
    std::string_view meaning;  ///< one sentence or two: what it means, and what to do about it
};

/// Never fails: a kind without an entry does not compile.
const EventInfo& info(EventKind kind);
/// All of them, in the order of the enumeration.
std::span<const EventInfo> all_events();

}  // namespace batchd::engine
