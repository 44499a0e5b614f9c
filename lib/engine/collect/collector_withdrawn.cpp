// What becomes of a batch that was never sent.

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "engine/collect/collector.hpp"

namespace batchd::engine {

using spool::ShardFile;

namespace {

/// A cancel that was lost with the database is known by the rows that the next attempt does not have: it may
/// have been sent without them, and is the same only as long as they are not in it.
void leave_out_others(jsonl::MatchOptions& options, std::vector<std::uint64_t> rows) {
    options.is_cancelled = [is_cancelled = std::move(options.is_cancelled),
                            in_next = std::move(rows)](std::uint64_t row) {
        return (is_cancelled && is_cancelled(row)) ||
               !std::binary_search(in_next.begin(), in_next.end(), row);
    };
}

}  // namespace

Collector::Step Collector::collect_withdrawn(const Subject& subject) {
    // Nothing of it was sent, so there is nothing to fetch: each request ends with the reason of the
    // cancel.
    // Of a shared batch, those whose jobs go on are sent again: nothing ran.
    const bool all = subject.job.cancel_asked_at.has_value();
    jsonl::MatchOptions options =
        options_for(subject, all ? jsonl::Unanswered::give_up : jsonl::Unanswered::retry);
    if (!all) options.attempts = jsonl::Attempts::left;
    if (!all && subject.batch.is_shared()) {
        auto before = co_await run_blocking(ports_.pool, [&] { return rows_made_before(subject); });
        if (!before) co_return postponed(before.error());
        if (*before) leave_out_others(options, std::move(**before));
    }
    const jsonl::MatchPaths paths = paths_of(subject, {});
    // Matched with no results at all: each request gets what a request without an answer gets.
    auto matched = co_await run_blocking(ports_.pool, [&] { return jsonl::match_results(paths, options); });
    if (!matched) co_return postponed(matched.error());
    Outcome outcome;
    outcome.tally.failed = matched->failed;
    outcome.again = matched->again;
    outcome.run = subject.batch.run;
    outcome.setbacks = subject.batch.setbacks;
    outcome.unused_file_id = subject.batch.input_file_id;
    co_return co_await commit(subject, std::move(outcome));
}

Result<std::optional<std::vector<std::uint64_t>>> Collector::rows_made_before(const Subject& subject) const {
    const auto has_next = jsonl::row_file_exists(next_prepared(subject));
    if (!has_next) return has_next.error();
    const auto has_answers = jsonl::row_file_exists(file(subject, ShardFile::succeeded));
    if (!has_answers) return has_answers.error();
    std::optional<std::vector<std::uint64_t>> rows;
    if (!*has_next || *has_answers) return rows;
    const auto index = jsonl::RowIndex::load(next_prepared(subject));
    if (!index) return index.error();
    rows.emplace();
    for (const jsonl::RowRef& row : index->rows()) rows->push_back(row.line_number);
    return rows;
}

}  // namespace batchd::engine
