#include "sim/batch_runner.hpp"

#include <stdexcept>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/run_blocking.hpp"
#include "sim/buffered_file.hpp"
#include "sim/entrance.hpp"
#include "sim/token_limit_text.hpp"

namespace batchd::sim {

namespace asio = boost::asio;

namespace {

/// Marks that somebody is at work, and wakes those who wait for it.
class Turn {
public:
    Turn(bool& taken, asio::steady_timer& idle) : taken_(taken), idle_(idle) { taken_ = true; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        taken_ = false;
        idle_.cancel();
    }

private:
    bool& taken_;
    asio::steady_timer& idle_;
};

/// Our own disk failed: a simulation can't go on as if nothing were.
template <class T>
T expect(Result<T> result) {
    if (!result) throw std::runtime_error("simulation: " + to_string(result.error()));
    return std::move(*result);
}

void expect(const Result<void>& result) {
    if (!result) throw std::runtime_error("simulation: " + to_string(result.error()));
}

}  // namespace

BatchRunner::BatchRunner(asio::any_io_executor executor, RunnerParts parts)
    : parts_(std::move(parts)), idle_(executor, asio::steady_timer::time_point::max()) {}

void BatchRunner::watch(const Batch& batch) {
    if (const auto step = next_step(batch)) due_.emplace(step->at, batch.number);
}

void BatchRunner::stop() {
    pool_.join();
}

asio::awaitable<void> BatchRunner::settle() {
    while (settling_) co_await idle_.async_wait(asio::as_tuple(asio::use_awaitable));
    const Turn turn(settling_, idle_);
    const TimePoint now = parts_.clock.now();
    while (!due_.empty() && due_.begin()->first <= now) {
        const auto first = *due_.begin();
        due_.erase(due_.begin());
        Batch& batch = *parts_.batches.numbered(first.second);
        const auto step = next_step(batch);
        if (!step || step->at != first.first)
            continue;  // cancelled or forced since: another entry stands for it
        co_await take(batch, *step);
        watch(batch);
    }
}

asio::awaitable<void> BatchRunner::take(Batch& batch, Step step) {
    switch (step.kind) {
        case Step::Kind::validate:
            co_await start(batch, step.at);
            break;
        case Step::Kind::finalize:
            batch.status = Status::finalizing;
            batch.finalizing_at = step.at;
            if (step.at < *batch.in_progress_at + batch.plan.in_progress &&
                batch.plan.end == Plan::End::completes) {
                batch.plan.end = Plan::End::expires;  // the window was over before the work was
                batch.plan.done = progress(batch, step.at);
            }
            break;
        case Step::Kind::end:
            co_await end(batch, step.at);
            break;
        case Step::Kind::cancel:
            co_await end_cancelled(batch, step.at);
            break;
    }
}

void BatchRunner::fail(Batch& batch, std::vector<LineError> errors, TimePoint at) {
    batch.status = Status::failed;
    batch.failed_at = at;
    batch.errors = std::move(errors);
    for (LineError& entry : batch.errors) {
        if (parts_.settings.error_lines == "message" && entry.line)
            entry.message = "Line " + std::to_string(*entry.line) + ": " + entry.message;
        if (parts_.settings.error_lines != "field") entry.line.reset();
    }
    if (parts_.settings.failed_files == "none") return;
    batch.output_file_id = add_empty_file(batch, "_output.jsonl", at);
    batch.error_file_id = add_empty_file(batch, "_error.jsonl", at);
}

std::string BatchRunner::add_empty_file(const Batch& batch, const char* ending, TimePoint at) {
    StoredFile file = result_file(batch, {.path = {}, .size_bytes = 0, .name = batch.id + ending, .at = at});
    const Path path = parts_.files.path_of(file.id);
    expect(BufferedFile(path).finish());
    std::string id = file.id;
    parts_.files.add(std::move(file));
    return id;
}

StoredFile BatchRunner::result_file(const Batch& batch, const Written& written) const {
    return {.id = parts_.files.new_id(parts_.settings.result_file_id_length, parts_.settings.ids),
            .account = batch.account,
            .purpose = "batch_output",
            .filename = written.name,
            .size_bytes = written.size_bytes,
            .created_at = written.at,
            .expires_at = std::nullopt};
}

std::vector<LineError> BatchRunner::ordered_failure() const {
    if (!parts_.settings.fail_errors.empty()) return parts_.settings.fail_errors;
    return {{"server_error", "The server had an error while processing your batch.", "", std::nullopt}};
}

std::optional<LineError> BatchRunner::over_token_limit(const Batch& batch) const {
    const auto limit = parts_.settings.token_limits.find(batch.enqueued_model);
    if (limit == parts_.settings.token_limits.end()) return std::nullopt;
    if (parts_.batches.running_tokens(batch.enqueued_model) + batch.enqueued_tokens <= limit->second)
        return std::nullopt;
    return LineError{"token_limit_exceeded",
                     token_limit_text(parts_.settings, batch.enqueued_model, limit->second), "",
                     std::nullopt};
}

asio::awaitable<void> BatchRunner::start(Batch& batch, TimePoint at) {
    const StoredFile* const file = parts_.files.find(batch.request.input_file_id, at);
    if (file == nullptr || file->purpose != "batch" || file->account != batch.account)
        co_return fail(batch,
                       {{"invalid_request",
                         "Cannot find file " + batch.request.input_file_id +
                             ", or organization org-simulation does not have access to it.",
                         "file_id", std::nullopt}},
                       at);
    if (parts_.settings.fail_batch.contains(batch.number)) co_return fail(batch, ordered_failure(), at);
    if (auto over = over_token_limit(batch)) co_return fail(batch, {std::move(*over)}, at);
    const ValidationTask task{parts_.files.path_of(batch.request.input_file_id),
                              row_file_of(batch),
                              batch.request.endpoint,
                              parts_.settings.rows_max,
                              parts_.settings.validation_errors == "first",
                              parts_.settings.unknown_models,
                              parts_.settings.line_urls,
                              parts_.settings.texts == "azure",
                              parts_.settings.known_by_text};
    auto found = expect(co_await run_blocking(pool_, [&task] { return validate(task); }));
    if (!found.errors.empty()) co_return fail(batch, std::move(found.errors), at);
    batch.status = Status::in_progress;
    batch.in_progress_at = at;
    batch.model = found.model;
    batch.answered_as = plain_endpoint(found.endpoint);
    batch.sha256 = found.sha256;
    batch.total = found.custom_ids.size();
    parts_.ledger.rows_started(batch, scope_of(batch), found.custom_ids);
}

ResultsTask BatchRunner::results_task(const Batch& batch, TimePoint at) const {
    ResultsTask task;
    task.row_file = row_file_of(batch);
    task.output = file_of(batch, ".output");
    task.errors = file_of(batch, ".errors");
    task.settings = parts_.settings;
    task.batch_id = batch.id;
    task.answers = {batch.answered_as, at, parts_.settings.answer_bytes};
    for (const RowRule& rule : parts_.settings.rows)
        if (rule.runs_max > 0 && task.runs.empty()) task.runs = parts_.ledger.runs_in(scope_of(batch));
    return task;
}

asio::awaitable<void> BatchRunner::end(Batch& batch, TimePoint at) {
    ResultsTask task = results_task(batch, at);
    const bool expires = batch.plan.end == Plan::End::expires;
    if (expires) task.done = batch.plan.done;
    co_await deliver(batch, std::move(task));
    batch.status = expires ? Status::expired : Status::completed;
    (expires ? batch.expired_at : batch.completed_at) = at;
    if (expires) batch.completed = batch.failed = 0;  // as the live service leaves them
}

asio::awaitable<void> BatchRunner::end_cancelled(Batch& batch, TimePoint at) {
    if (batch.in_progress_at) {
        ResultsTask task = results_task(batch, at);
        task.rest = Fate::Kind::cancelled;
        task.done = parts_.settings.cancel_keeps == "both" ? progress(batch, *batch.cancelling_at) : 0;
        co_await deliver(batch, std::move(task));
        if (parts_.settings.cancel_keeps == "none") batch.output_file_id = batch.error_file_id = std::nullopt;
    }
    batch.status = Status::cancelled;
    batch.cancelled_at = at;
    batch.completed = batch.failed = 0;
}

asio::awaitable<void> BatchRunner::deliver(Batch& batch, ResultsTask task) {
    const auto results = expect(co_await run_blocking(pool_, [&task] { return write_results(task); }));
    batch.completed = results.completed;
    batch.failed = results.failed;
    batch.tokens = results.tokens;
    const TimePoint at = task.answers.now;
    batch.output_file_id =
        add_result_file(batch, {task.output, results.output_bytes, batch.id + "_output.jsonl", at});
    batch.error_file_id =
        add_result_file(batch, {task.errors, results.error_bytes, batch.id + "_error.jsonl", at});
    expect(remove_file(task.row_file));
    parts_.ledger.rows_ended(batch, scope_of(batch), results.ends);
}

std::optional<std::string> BatchRunner::add_result_file(const Batch& batch, const Written& written) {
    const std::string& absent = parts_.settings.absent_file;
    if (written.size_bytes == 0 && absent != "empty_file") {
        expect(remove_file(written.path));
        return absent == "null" ? std::nullopt : std::optional<std::string>("");
    }
    StoredFile file = result_file(batch, written);
    if (batch.request.output_expires_seconds)
        file.expires_at = unix_seconds(file.created_at) + *batch.request.output_expires_seconds;
    expect(rename_file(written.path, parts_.files.path_of(file.id)));
    std::string id = file.id;
    parts_.files.add(std::move(file));
    return id;
}

std::string BatchRunner::scope_of(const Batch& batch) const {
    if (!batch.request.metadata || parts_.settings.known_by_text) return {};
    const auto scope = batch.request.metadata->find(parts_.settings.ledger_scope);
    return scope == batch.request.metadata->end() ? std::string() : scope->second;
}

}  // namespace batchd::sim
