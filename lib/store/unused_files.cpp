#include "store/unused_files.hpp"

#include "store/rows.hpp"

namespace batchd::store {

Result<void> UnusedFiles::add(const std::string& file_id, JobId job, std::string_view why, TimePoint at) {
    auto statement = database_.statement(
        "INSERT INTO unused_files (file_id, at, job_id, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
    if (!statement) return statement.error();
    return (*statement)->bind(file_id).bind(at).bind(job.value).bind(why).run();
}

Result<std::vector<std::int64_t>> UnusedFiles::to_delete(std::size_t count_max) {
    auto statement = database_.statement(
        "SELECT rowid FROM unused_files WHERE NOT EXISTS (SELECT 1 FROM batches"
        " WHERE input_file_id = file_id AND phase IN ('uploaded', 'creating', 'watching'))"
        " ORDER BY rowid LIMIT ?");
    if (!statement) return statement.error();
    (*statement)->bind(static_cast<std::uint64_t>(count_max));
    return read_ids<std::int64_t>(**statement);
}

Result<std::optional<UnusedFile>> UnusedFiles::find(std::int64_t row) {
    auto statement =
        database_.statement("SELECT rowid, file_id, job_id, why FROM unused_files WHERE rowid = ?");
    if (!statement) return statement.error();
    (*statement)->bind(row);
    const auto found = (*statement)->step();
    if (!found) return found.error();
    std::optional<UnusedFile> file;
    if (*found) {
        file.emplace();
        file->row = (*statement)->integer();
        file->file_id = (*statement)->text();
        if (const auto job = (*statement)->integer(); job != 0) file->job = JobId{job};
        file->why = (*statement)->text();
    }
    (*statement)->reset();
    return file;
}

Result<void> UnusedFiles::forget(std::int64_t row) {
    auto statement = database_.statement("DELETE FROM unused_files WHERE rowid = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(row).run();
}

Result<std::uint64_t> UnusedFiles::count() {
    auto statement = database_.statement("SELECT count(*) FROM unused_files");
    if (!statement) return statement.error();
    return read_count(**statement);
}

}  // namespace batchd::store
