#include "store/tables/unused_files.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in UnusedFiles::find().
static auto columns_of(UnusedFile& file) {
    return std::tie(file.row, file.file_id, file.job, file.why, file.provider);
}

Result<void> UnusedFiles::add(const std::string& provider, const std::string& file_id, JobId job,
                              std::string_view why, TimePoint at) {
    return database_.run(
        "INSERT INTO unused_files (file_id, at, job_id, why, provider) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        file_id, at, job, why, provider);
}

Result<std::vector<std::int64_t>> UnusedFiles::to_delete(const std::string& provider, std::size_t count_max) {
    // A file is looked at anew each time, not once when it is added: a batch that was refused may be created
    // from the same file afterwards.
    return database_.query<std::int64_t>(
        "SELECT rowid FROM unused_files WHERE NOT EXISTS (SELECT 1 FROM batches"
        " WHERE input_file_id = file_id AND phase IN ('uploaded', 'creating', 'watching'))"
        " AND provider = ? ORDER BY rowid LIMIT ?",
        provider, count_max);
}

Result<std::optional<UnusedFile>> UnusedFiles::find(std::int64_t row) {
    return database_.query_first<UnusedFile>(
        "SELECT rowid, file_id, job_id, why, provider FROM unused_files WHERE rowid = ?", row);
}

Result<void> UnusedFiles::forget(std::int64_t row) {
    return database_.run("DELETE FROM unused_files WHERE rowid = ?", row);
}

Result<std::uint64_t> UnusedFiles::count() {
    return database_.query_value<std::uint64_t>("SELECT count(*) FROM unused_files");
}

}  // namespace batchd::store
