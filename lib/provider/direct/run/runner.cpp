#include "provider/direct/run/runner.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include "base/async/run_until.hpp"
#include "base/scope/counted.hpp"
#include "base/scope/pointing.hpp"
#include "provider/openai/failure.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

/// So many lines share a sync, and wait for it in memory.
constexpr std::uint64_t kGivenUpAtOnce = 512;

asio::awaitable<void> request_into(http::Client& client, http::Request request, http::BodyRoom room,
                                   std::optional<http::Outcome<http::Response>>& outcome) {
    std::string body;
    http::BodySink sink = [&body](std::string_view piece) {
        body.append(piece);
        return true;
    };
    outcome = co_await client.request(std::move(request), std::move(sink), std::move(room));
    // What is not a success brings its own text, cut to what a message may be long; only an answer is
    // wanted whole.
    if (*outcome && (*outcome)->status / 100 == 2) (*outcome)->body = std::move(body);
}

}  // namespace

Runner::Runner(Options options, Parts parts, asio::any_io_executor executor)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      executor_(executor),
      changed_(executor),
      stop_(std::move(executor)) {
    // The counts go on from what earlier lives have settled, as they are of the run and not of the process.
    for (const Settled& row : parts_.journal.replay().settled)
        ++(row.is_answered ? progress_.answered : progress_.failed);
    progress_.possibly_repeated = parts_.journal.replay().in_flight.size();
}

RunProgress Runner::progress() const {
    RunProgress progress = progress_;
    progress.waiting_again = retries_.size();
    return progress;
}

void Runner::stop() {
    end_with({.how = RunEnd::How::stopped});
}

void Runner::break_off() {
    // That one waits for nobody but the disk.
    if (gives_up()) return;
    stop();
    is_broken_off_ = true;
    if (rows_ != nullptr) rows_->cancel();
}

void Runner::end_with(RunEnd end) {
    if (end_.how != RunEnd::How::done) return;  // the first reason is the one
    end_ = std::move(end);
    stop_.raise();
}

asio::awaitable<RunEnd> Runner::run() {
    TaskGroup writing(executor_);
    writing.spawn(parts_.journal.run());
    std::exception_ptr failure;
    try {
        co_await send_all();
        // Nobody waits any more for the lines of what was answered and broken off, and they are paid for:
        // the writers go on until the disk has taken them. Only a cancellation gives them up.
        if (is_broken_off_) co_await parts_.journal.saved();
    } catch (...) {
        failure = std::current_exception();
    }
    // Answers that are in memory are paid for: a cancellation waits until they are on disk.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    writing.cancel();
    // The writers end first, so that what is flushed below is everything.
    co_await writing.join();
    const auto flushed = co_await parts_.journal.flush();
    if (failure) std::rethrow_exception(failure);
    // A group that is cancelled ends like one whose work is done.
    if (end_.how == RunEnd::How::done && !is_complete_)
        throw boost::system::system_error(asio::error::operation_aborted);
    if (!flushed) end_with({.how = RunEnd::How::broken, .error = flushed.error()});
    co_return std::move(end_);
}

asio::awaitable<void> Runner::send_all() {
    TaskGroup rows(executor_);
    const Pointing sending(rows_, rows);
    rows.spawn(feed(rows));
    co_await rows.join();
}

asio::awaitable<void> Runner::feed(TaskGroup& rows) {
    auto feeding = [this, &rows]() -> asio::awaitable<void> {
        for (;;) {
            auto row = co_await next_row();
            if (!row) break;
            if (options_.is_cancelled || !row->request.damage.empty()) {
                rows.spawn(give_up(std::move(*row)));
                continue;
            }
            // The row is read before the turn is waited for, because how many tokens it takes decides how
            // long.
            auto pass = co_await parts_.line.enter(options_.job, row->request.tokens);
            if (end_.how != RunEnd::How::done)
                co_return;  // it was let in by the end of the one that stops all
            // One that has come back in the meantime goes first.
            if (auto again = retries_.take(parts_.clock.uptime())) {
                retries_.add(std::move(*row), Millis(0));
                row = std::move(again);
            }
            rows.spawn(send(std::move(*row), std::move(pass)));
        }
        is_complete_ = true;
    };
    co_await run_until(stop_, feeding());
}

/// What came back is sent before what has not been sent yet, so that a row is not late by a whole job.
asio::awaitable<std::optional<PendingRow>> Runner::next_row() {
    for (;;) {
        if (auto again = retries_.take(parts_.clock.uptime())) co_return again;
        // What is not sent still gets its line, and a million of them would otherwise wait in memory for one
        // sync.
        const bool has_room = given_up_ < kGivenUpAtOnce;
        // Rows that wait to be sent again are in memory. When too many do, nothing new is begun until the
        // server takes some.
        if (!source_is_done_ && has_room && retries_.size() < options_.retries_max) {
            if (auto row = co_await next_new_row()) co_return row;
            continue;
        }
        if (source_is_done_ && retries_.size() == 0 && under_way_ == 0) co_return std::nullopt;
        co_await wait_for_change();
    }
}

asio::awaitable<std::optional<PendingRow>> Runner::next_new_row() {
    // The file is read from its beginning in each life, and what has its line already is passed over.
    auto next = co_await parts_.source.next(parts_.journal.replay());
    if (!next) end_with({.how = RunEnd::How::broken, .error = next.error()});
    source_is_done_ = !next || !*next;
    if (source_is_done_) co_return std::nullopt;
    PendingRow row;
    row.history = history_of((*next)->row);
    row.request = std::move(**next);
    co_return row;
}

RowHistory Runner::history_of(std::uint64_t row) const {
    RowHistory history;
    history.attempts = parts_.journal.replay().attempts_used(row);
    return history;
}

asio::awaitable<void> Runner::wait_for_change() {
    const auto due = retries_.next_due();
    const Millis now = parts_.clock.uptime();
    if (due && retries_.size() > 0) {
        co_await changed_.wait_for(parts_.clock, std::max(*due - now, Millis(1)));
    } else {
        co_await changed_.wait();
    }
}

asio::awaitable<void> Runner::send(PendingRow row, PaceLine::Pass pass) {
    const Counted under_way(under_way_);
    AnswerRoom::Hold hold(parts_.room);
    Outcome outcome;
    {
        const Counted in_flight(progress_.in_flight);
        // The intent is on disk before the first byte goes out: after a crash exactly these may have been
        // answered, and no others.
        co_await parts_.journal.intend(row.request.row, row.history.attempts + 1);
        co_await ask(row, hold, outcome);
    }
    Verdict& verdict = outcome.verdict;
    // Servers quote the key that they refuse; nothing of it may reach a log or an error line.
    verdict.message = safe_text(verdict.message, options_.secret);
    if (parts_.tell) parts_.tell(verdict);
    Feedback feedback{.load = verdict.load, .wait = verdict.wait, .tokens_used = verdict.tokens_used};
    if (verdict.load == Load::failing) {
        // Others were answered since it failed before: it is this row, and says nothing about the server.
        const std::uint64_t answers = parts_.line.pace().answers();
        const auto before = std::exchange(row.history.answers_at_failure, answers);
        if (before && *before < answers) feedback.load = Load::other;
    }
    if (outcome.response) feedback.rates = parse_rate_headers(*outcome.response);
    progress_.refusal = verdict.meaning == Meaning::not_let_in ? verdict.message : "";
    const NextStep step =
        next_step(verdict, row.history, options_.retry, parts_.clock.uptime(), parts_.jitter());
    const bool is_settled = step.kind == NextStep::Kind::settle;
    // Where the disk is slower than the server, lines would pile up in memory without end.
    const bool waits_for_disk = is_settled && parts_.room.is_full();
    // The pace learns from every outcome, before the row is judged: what it takes is about the server, and
    // the verdict is about the row.
    if (!waits_for_disk) pass.report(feedback);
    // The line is durable before it is counted, and counted before the run can end.
    if (is_settled)
        co_await settle(row, step, outcome, hold);
    else
        send_again(std::move(row), step, std::move(verdict));
    if (waits_for_disk) pass.report(feedback);
    changed_.raise();
}

void Runner::send_again(PendingRow row, const NextStep& step, Verdict verdict) {
    parts_.journal.ended(row.request.row, step.history.attempts);
    row.history = step.history;
    retries_.add(std::move(row), parts_.clock.uptime() + step.delay);
    if (step.kind == NextStep::Kind::halt) end_with({.how = RunEnd::How::halted, .why = std::move(verdict)});
}

asio::awaitable<void> Runner::give_up(PendingRow row) {
    {
        const Counted under_way(under_way_), given_up(given_up_);
        const LineHead head{options_.head.tag, row.request.row, row.request.custom_id_json};
        std::string line = options_.is_cancelled
                               ? no_answer_line(head, "batch_cancelled",
                                                "The job was cancelled before this request was answered.")
                               : no_answer_line(head, "request_unreadable",
                                                "The request was not sent: " + row.request.damage);
        co_await parts_.journal.settle(row.request.row, row.history.attempts, RecordKind::failed,
                                       std::move(line));
        ++progress_.failed;
    }
    changed_.raise();
}

asio::awaitable<void> Runner::time_is_up(Millis left, const AnswerRoom::Hold& hold) const {
    // An answer that waits for room in our memory must not be thrown away for it.
    for (Millis counted{}; left > Millis(0);) {
        co_await parts_.clock.sleep_for(left);
        left = hold.waited() - std::exchange(counted, hold.waited());
    }
}

asio::awaitable<void> Runner::ask(const PendingRow& row, AnswerRoom::Hold& hold, Outcome& outcome) {
    http::Request request = make_request(options_.head, row.request.url, row.request.body, row.request.row,
                                         row.history.attempts + row.history.refusals + 1);
    std::optional<http::Outcome<http::Response>> came;
    http::BodyRoom room = [this, &hold](std::uint64_t bytes) {
        return hold.more(bytes, parts_.line.pace().ceiling());
    };
    const Millis limit = options_.timeout, begun = parts_.clock.uptime();
    const bool is_in_time = co_await run_until(
        time_is_up(limit, hold), request_into(parts_.client, std::move(request), std::move(room), came));
    // The whole request has one limit, silence included: a server that sends a byte a minute holds a place
    // for ever.
    if (!is_in_time) {
        outcome.verdict = judge_timeout(limit);
    } else if (!*came) {
        outcome.verdict = judge_failure(came->error());
    } else {
        outcome.response = std::move(**came);
        outcome.verdict = judge_answer(*outcome.response, row.request.url, shapes_, parts_.clock.now());
    }
    if (parts_.calls == nullptr) co_return;
    const auto& answer = outcome.response;
    parts_.calls->add({Operation::request, code_class(answer ? answer->status : 0)},
                      parts_.clock.uptime() - begun - hold.waited(), answer ? answer->body.size() : 0);
}

asio::awaitable<void> Runner::settle(const PendingRow& row, const NextStep& step, Outcome& outcome,
                                     AnswerRoom::Hold& hold) {
    const LineHead head{options_.head.tag, row.request.row, row.request.custom_id_json};
    std::string line = settled_line(head, outcome.verdict, outcome.response ? &*outcome.response : nullptr);
    outcome.response.reset();  // it is in the line now, and need not be in memory twice
    hold.becomes_line(line.size());
    co_await parts_.journal.settle(row.request.row, step.history.attempts, step.record, std::move(line));
    ++(step.record == RecordKind::answered ? progress_.answered : progress_.failed);
}

}  // namespace batchd::provider::direct
