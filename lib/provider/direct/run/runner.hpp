#pragma once

#include <functional>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/async/wake.hpp"
#include "http/client.hpp"
#include "provider/calls/call_tally.hpp"
#include "provider/direct/journal/journal.hpp"
#include "provider/direct/pace/pace_line.hpp"
#include "provider/direct/run/answer_room.hpp"
#include "provider/direct/run/next_step.hpp"
#include "provider/direct/run/request_source.hpp"
#include "provider/direct/run/retries.hpp"
#include "provider/direct/wire/request_head.hpp"

namespace batchd::provider::direct {

/// How far a run is.
struct RunProgress {
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
    std::uint64_t in_flight = 0;          ///< sent, and not yet answered
    std::uint64_t waiting_again = 0;      ///< to be sent again
    std::uint64_t possibly_repeated = 0;  ///< were under way when the daemon died, so may be generated twice
    std::string refusal;                  ///< why the last one was not let in; "" since one was
};

/// How a run ended.
struct RunEnd {
    enum class How {
        done,     ///< every row has its line
        stopped,  ///< stop() was called; the rest can go on from the journal
        halted,   ///< likewise, for the server refuses all of it: see `why`
        broken,   ///< likewise: the requests could not be read
    };
    How how = How::done;
    std::optional<Verdict> why;  ///< of `halted`
    std::optional<Error> error;  ///< of `broken`
};

/// Sends the requests of one run, each by itself, until all have an answer or a final failure on record:
/// intent before sending, answer before counting. What has its end in the journal already is not sent. One
/// run() in a life; everything that is referred to must outlive it. I/O thread only.
class Runner {
public:
    struct Options {
        RunHead head;
        Owner job;                                  ///< whose turn it takes in the line
        Millis timeout = std::chrono::minutes(15);  ///< of one request, silence included
        RetryLimits retry;
        std::size_t retries_max = 64;  ///< more rows than these are not begun while so many wait
        bool is_cancelled = false;     ///< nothing is sent: what has no end yet ends with `batch_cancelled`
        std::string secret;            ///< the key, which no message may show
    };
    struct Parts {
        RequestSource& source;
        Journal& journal;
        PaceLine& line;
        http::Client& client;
        AnswerRoom& room;
        Clock& clock;
        Jitter jitter;
        std::function<void(const Verdict&)> tell{};  ///< of each outcome, before another request may go
        CallTally* calls = nullptr;                  ///< where each request is counted
    };
    Runner(Options options, Parts parts, boost::asio::any_io_executor executor);

    /// Throws operation_aborted when cancelled: requests under way are given up then, and what was answered
    /// until then is on disk.
    boost::asio::awaitable<RunEnd> run();
    /// No more is sent; run() ends when what is under way has been answered.
    void stop();
    /// As stop(), without waiting for what is under way: whether that is answered, nobody will see. What has
    /// its answer is on disk when run() ends, however long the disk takes. Of one that gives up its rows it
    /// changes nothing.
    void break_off();

    /// Other limits for what is sent from now on.
    void set_limits(Millis timeout, std::size_t retries_max) {
        options_.timeout = timeout;
        options_.retries_max = retries_max;
    }

    RunProgress progress() const;
    /// Why what happens can't be written down now; nothing where it can.
    const std::optional<Error>& trouble() const { return parts_.journal.trouble(); }
    /// It sends nothing, and what it writes down costs nothing.
    bool gives_up() const { return options_.is_cancelled; }
    /// Answers that are paid for and not on disk yet.
    std::uint64_t unsaved() const { return gives_up() ? 0 : parts_.journal.unsaved(); }

private:
    /// Ends when each row has its end, or nothing more is to be sent and nothing is under way.
    boost::asio::awaitable<void> send_all();
    /// Takes rows as the line lets them in, and gives each a task of its own.
    boost::asio::awaitable<void> feed(TaskGroup& rows);
    /// One to be sent again, where its time has come, else a new one; nothing: there are no more.
    boost::asio::awaitable<std::optional<PendingRow>> next_row();
    /// Nothing where there are no more.
    boost::asio::awaitable<std::optional<PendingRow>> next_new_row();
    /// Until a row has come back, or one that waits is due.
    boost::asio::awaitable<void> wait_for_change();
    /// One row: intent, request, and what follows from its answer.
    boost::asio::awaitable<void> send(PendingRow row, PaceLine::Pass pass);
    /// Of a cancelled run, or of a row that can't be read any more: a line that says so, and no request.
    boost::asio::awaitable<void> give_up(PendingRow row);
    /// A request that was answered, or was not, and has left the server.
    struct Outcome {
        Verdict verdict;
        std::optional<http::Response> response;
    };
    /// Returns when the time of one request is over, without what it has waited for us.
    boost::asio::awaitable<void> time_is_up(Millis left, const AnswerRoom::Hold& hold) const;
    /// The request itself, and what came of it.
    boost::asio::awaitable<void> ask(const PendingRow& row, AnswerRoom::Hold& hold, Outcome& outcome);
    /// The row has its end: its line is durable before it counts.
    boost::asio::awaitable<void> settle(const PendingRow& row, const NextStep& step, Outcome& outcome,
                                        AnswerRoom::Hold& hold);
    /// Keeps the row for its next try; where the account is barred, the run halts.
    void send_again(PendingRow row, const NextStep& step, Verdict verdict);
    /// Sends no more; the first reason counts.
    void end_with(RunEnd end);
    /// By the journal: what a crash left open has cost no attempt.
    RowHistory history_of(std::uint64_t row) const;

    Options options_;
    Parts parts_;
    boost::asio::any_io_executor executor_;
    ShapeReader shapes_;
    Retries retries_;
    RunProgress progress_;
    std::uint64_t under_way_ = 0;  // in flight, or their lines not durable yet
    TaskGroup* rows_ = nullptr;    // while they are sent
    std::uint64_t given_up_ = 0;   // of these, those that are not sent
    bool source_is_done_ = false;
    bool is_complete_ = false;  // each row has its end
    bool is_broken_off_ = false;
    RunEnd end_;
    Wake changed_;
    Wake stop_;
};

}  // namespace batchd::provider::direct
