#include "engine/fallback/next_provider.hpp"

#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

using spool::ShardFile;

Result<NextProvider> decide_next_provider(const spool::Layout& layout, const std::string& job_key,
                                          const spool::ShardAttempt& next, NextProvider wish,
                                          const std::string& fallback) {
    const Path note = layout.shard_file(job_key, next, ShardFile::provider);
    const auto is_noted = file_exists(note);
    if (!is_noted) return is_noted.error();
    if (*is_noted) return NextProvider::fallback;
    const auto has_lines = jsonl::row_file_exists(layout.shard_file(job_key, next, ShardFile::prepared));
    if (!has_lines) return has_lines.error();
    // Lines without a note were made for the same provider before a crash, and may be there already: sent to
    // the fallback as well they would be paid twice.
    if (*has_lines || wish == NextProvider::same) return NextProvider::same;
    // On disk before the lines are made: lines whose note a power cut took would be read as the other
    // decision.
    if (auto noted = replace_file(note, fallback + "\n"); !noted) return noted.error();
    return NextProvider::fallback;
}

}  // namespace batchd::engine
