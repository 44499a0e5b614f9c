#include "engine/doubt/successor.hpp"

#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

using spool::ShardFile;

Result<Successor> successor_of(const spool::Layout& layout, const std::string& job_key,
                               const spool::ShardAttempt& attempt) {
    const spool::ShardAttempt next{attempt.shard, attempt.attempt + 1};
    // The cut first: the first of its parts has the name of the next attempt.
    const auto is_cut = file_exists(layout.shard_file(job_key, attempt, ShardFile::cut));
    if (!is_cut) return is_cut.error();
    if (*is_cut) return Successor::cut;
    const auto is_noted = file_exists(layout.shard_file(job_key, next, ShardFile::provider));
    if (!is_noted) return is_noted.error();
    if (*is_noted) return Successor::fallback;
    const auto has_lines = jsonl::row_file_exists(layout.shard_file(job_key, next, ShardFile::prepared));
    if (!has_lines) return has_lines.error();
    if (*has_lines) return Successor::same;
    // Lines that somebody removed: that it was sent is reason enough not to send the one before it.
    const auto was_sent = file_exists(layout.shard_file(job_key, next, ShardFile::batch_id));
    if (!was_sent) return was_sent.error();
    return *was_sent ? Successor::same : Successor::none;
}

}  // namespace batchd::engine
