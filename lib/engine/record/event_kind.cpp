#include "engine/record/event_kind.hpp"

#include <array>

namespace batchd::engine {
namespace {

using K = EventKind;
using L = LogLevel;

constexpr std::array kEvents{
    EventInfo{K::started, "started", L::info,
              "The daemon runs; the detail says with which provider and folders."},
    EventInfo{K::stopped, "stopped", L::info,
              "The daemon stops. What was in flight goes on at the next start."},
    EventInfo{K::job_claimed, "job_claimed", L::info, "A file was taken from the inbox and is a job now."},
    EventInfo{K::job_planned, "job_planned", L::info, "The file is valid and split into batches."},
    EventInfo{
        K::job_rejected, "job_rejected", L::warning,
        "The file can't be submitted; it is in rejected/ with a reason.txt. Mend it and drop it again."},
    EventInfo{K::job_delivered, "job_delivered", L::info, "The answers are in the outbox."},
    EventInfo{
        K::job_failed, "job_failed", L::error,
        "The job ended as failed; its folder is in the outbox, the reason in the detail and in job.json."},
    EventInfo{
        K::job_cancelled, "job_cancelled", L::info,
        "The job was cancelled on request. What was answered by then is in its folder in the outbox, and "
        "a line for each other request in errors.jsonl."},
    EventInfo{K::file_left_alone, "file_left_alone", L::warning,
              "Something in the inbox is not picked up, for the reason given, with what to do about it; said "
              "when what lies there changes."},
    EventInfo{K::claim_undone, "claim_undone", L::warning,
              "A file went away, or became another, while it was being taken. Nothing was lost; what is "
              "there now is taken anew."},
    EventInfo{K::input_changed, "input_changed", L::warning,
              "A file was written to after it was taken. What was appended is a job of its own; of what was "
              "altered otherwise, what had been read was sent, and job.json has input_changed."},
    EventInfo{K::queue_released, "queue_released", L::info,
              "What waited in a queue is sent; the detail says how much, and why now."},
    EventInfo{
        K::budget_holds, "budget_holds", L::warning,
        "Something in a queue waits for money: its budget is spent, it costs more than the whole budget, or "
        "nobody knows its price. The detail says which, until when, and what to do about it; said once until "
        "it is over."},
    EventInfo{K::budget_free, "budget_free", L::info, "Nothing in a queue waits for money any more."},
    EventInfo{K::batch_uploaded, "batch_uploaded", L::info, "A batch's file is at the provider."},
    EventInfo{K::batch_created, "batch_created", L::info,
              "The provider has the batch; from here on it costs."},
    EventInfo{K::batch_status, "batch_status", L::debug, "The provider's status of a batch changed."},
    EventInfo{
        K::batch_overdue, "batch_overdue", L::warning,
        "A batch is hours behind its time at the provider; said once a batch. batchd keeps watching; ask "
        "the provider, or cancel the batch there: what it has answered is kept, the rest goes out again."},
    EventInfo{K::batch_ended, "batch_ended", L::info,
              "The batch has a final status; its files are fetched next."},
    EventInfo{K::batch_reopened, "batch_reopened", L::info,
              "A batch that had ended has not, by the provider's own word. It is watched on."},
    EventInfo{K::batch_left_open, "batch_left_open", L::warning,
              "A cancelled job ends, though the provider has not said for `retry.cancel_patience` that this "
              "batch has. The detail says what is left open there; it may be charged."},
    EventInfo{K::batch_again, "batch_again", L::warning,
              "The provider failed a batch by a fault of its own, or for a request that it does not name. "
              "Nothing of it ran; it is sent again, whole or in halves."},
    EventInfo{K::batch_collected, "batch_collected", L::info,
              "The batch's answers are matched with its requests."},
    EventInfo{K::batch_refused, "batch_refused", L::error,
              "The provider does not take the batch, in its own words. Its requests go to errors.jsonl."},
    EventInfo{K::file_deleted, "file_deleted", L::debug,
              "An upload that nothing uses any more is deleted at the provider."},
    EventInfo{K::batch_gone, "batch_gone", L::error,
              "The provider no longer knows a batch, or one of its files. The requests are listed in "
              "errors.jsonl and "
              "not sent again by themselves, for they may have been charged."},
    EventInfo{K::batch_held, "batch_held", L::warning,
              "Only time or a person can say what became of a batch, so nothing of it is sent again; the "
              "detail says "
              "why, and what to put back or which command ends it. Other jobs go on."},
    EventInfo{K::batch_released, "batch_released", L::info, "A batch that was held goes on."},
    EventInfo{
        K::batch_abandoned, "batch_abandoned", L::warning,
        "A batch was given up, on request or because a cancel was not answered for long. What it runs at the "
        "provider is charged, and not fetched."},
    EventInfo{
        K::batch_cancelling, "batch_cancelling", L::info,
        "The provider was told to cancel a batch of a cancelled job. What it has answered by then is kept "
        "and charged."},
    EventInfo{
        K::batch_withdrawn, "batch_withdrawn", L::info,
        "A batch is not submitted, for its job was cancelled or its deadline is over; it costs nothing."},
    EventInfo{K::lines_refused, "lines_refused", L::warning,
              "Validation named lines: they go to errors.jsonl, the rest is submitted again."},
    EventInfo{K::rows_again, "rows_again", L::info,
              "Requests that are worth it go out again in a new batch."},
    EventInfo{K::rows_mended, "rows_mended", L::warning,
              "What was written of a batch's requests was damaged on our disk, and was made again of the "
              "input. Look after that disk."},
    EventInfo{
        K::rows_elsewhere, "rows_elsewhere", L::warning,
        "Requests that the provider can't run, or has not answered in time or after all attempts, go to the "
        "queue's fallback; the detail says how many, and to whom."},
    EventInfo{K::requests_repeated, "requests_repeated", L::warning,
              "The daemon was stopped while requests that are sent one by one were under way. They are sent "
              "again, and may have been answered, and paid, twice; job.json has their number."},
    EventInfo{
        K::answers_lost, "answers_lost", L::error,
        "Requests may have been answered and paid for, and their answers can't be read or are not "
        "there. They are in errors.jsonl as `answer_lost`, what could not be read, or came under another "
        "id, is in unreadable.jsonl; `batchd retry` sends them again."},
    EventInfo{K::answers_left_out, "answers_left_out", L::warning,
              "Answers of a job have no next step in the queue that `then` names: what `then_template` asks "
              "for is not "
              "there in them or in their requests, their file was altered, or that queue was removed. They "
              "are in output.jsonl like "
              "all others."},
    EventInfo{K::rows_unexpected, "rows_unexpected", L::warning,
              "The provider's files had unknown or repeated rows, or lines that can't be read. They were not "
              "passed on; the latter are in unreadable.jsonl, and where a request has no line, the others as "
              "well."},
    EventInfo{
        K::usage_differs, "usage_differs", L::warning,
        "The tokens of a batch's answers are not those that the provider counts for the whole batch. The "
        "cost is "
        "reckoned by the answers; the provider's bill may be another."},
    EventInfo{K::doubt, "doubt", L::warning,
              "The answer to a call that costs never came. batchd looks whether it took effect before it "
              "does it again."},
    EventInfo{K::doubt_settled, "doubt_settled", L::info,
              "A doubt was settled by looking; the detail says how."},
    EventInfo{K::twin_cancelled, "twin_cancelled", L::error,
              "A second batch with one of our marks turned up, and was cancelled. What it had run by then is "
              "charged."},
    EventInfo{K::waiting, "waiting", L::warning,
              "A step could not be done and will be tried again; the detail says why."},
    EventInfo{K::token_limit, "token_limit", L::info,
              "Too many tokens are enqueued for a model. The batch waits its turn, or is cut where it is too "
              "large by itself; no action is needed."},
    EventInfo{K::provider_closed, "provider_closed", L::error,
              "Calls to the provider wait: it can't be reached, refuses the key, or asks for a pause. Mend "
              "what the "
              "detail names; batchd goes on by itself."},
    EventInfo{K::provider_open, "provider_open", L::info, "The provider answers again."},
    EventInfo{K::inbox_gone, "inbox_gone", L::error,
              "The inbox can't be read. Make it again or mend its permissions; batchd goes on by itself."},
    EventInfo{K::inbox_back, "inbox_back", L::info, "The inbox can be read again."},
    EventInfo{K::command, "command", L::info,
              "Somebody asked for something with `batchd cancel`, `retry`, `abandon`, `adopt`, `resend` or "
              "`release`; the detail says what came of it."},
    EventInfo{K::configuration, "configuration", L::info, "The configuration or the key was read again."},
    EventInfo{K::prices, "prices", L::warning,
              "Prices can't be read, or some of them are none; the detail says which. What was known before "
              "stays in force, and a "
              "model whose price was refused has none."},
    EventInfo{K::recovered, "recovered", L::warning,
              "`batchd recover` built rows again from what lies in work/, the outbox and rejected/."},
    EventInfo{K::notice_given_up, "notice_given_up", L::warning,
              "A [notify.NAME] could not be told for notify.patience; the detail says why. What comes later "
              "is tried all the same; `batchd notify test NAME` shows what comes back."},
    EventInfo{K::hook_run, "hook_run", L::info,
              "`batchd hooks` ran a command, which ended with exit status 0."},
    EventInfo{K::hook_failed, "hook_failed", L::warning,
              "`batchd hooks` ran a command that failed or was ended at its time; the detail has its exit "
              "status, the journal of batchd-hooks.service what it said."},
    EventInfo{
        K::work_unknown, "work_unknown", L::error,
        "There are jobs in work/ that the database does not know; it may be an old copy. Stop batchd and run "
        "`batchd recover`."},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kEvents.size(); ++i)
        if (static_cast<std::size_t>(kEvents[i].kind) != i) return false;
    return true;
}
static_assert(in_order(), "kEvents has one entry a kind, in the order of the enumeration");

}  // namespace

const EventInfo& info(EventKind kind) {
    return kEvents[static_cast<std::size_t>(kind)];
}

std::span<const EventInfo> all_events() {
    return kEvents;
}

}  // namespace batchd::engine
