#include "engine/prepare/mend_rows.hpp"

#include "base/async/run_blocking.hpp"
#include "engine/prepare/prepared_rows.hpp"
#include "engine/prepare/request_split.hpp"

namespace batchd::engine {
namespace {

namespace asio = boost::asio;

/// The index first, by its sums: a number in it that was damaged may point anywhere. Then all rows, with what
/// they speak of.
Result<void> read_all(const Path& rows) {
    const auto index = jsonl::RowIndex::load(rows);
    if (!index) return index.error();
    auto reader = jsonl::RowFileReader::open(rows);
    if (!reader) return reader.error();
    jsonl::Row row;
    for (;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return {};
    }
}

/// True where it is the whole file that the job was planned of, with the shard's rows in `rows`.
Result<bool> scan_again(const Path& input, const store::Job& job, const store::Batch& batch,
                        const Terms& terms, PreparedRows& rows) {
    RequestSplit split(terms);
    const ScanVisitor visitor{.request = [&](const ScannedRequest& scanned) -> Result<void> {
                                  const auto placement = split.place(scanned);
                                  if (placement.shard->number != batch.shard) return {};
                                  return rows.append(scanned);
                              },
                              .bad_line = [](const ScannedBadLine&) -> Result<void> { return {}; }};
    const auto totals = scan_requests(input, terms, ScanHash::sha256, visitor);
    if (!totals) return totals.error();
    return totals->sha256 == job.sha256 && rows.count() == batch.requests;
}

/// True where it is as it was planned. False where it can't be.
Result<bool> make_again(const spool::Layout& layout, const store::Job& job, const store::Batch& batch,
                        const Terms& terms) {
    const bool is_of_input = batch.attempt == 1 && !batch.is_shared() && !job.terms.empty();
    const Path input = layout.input(job.key);
    const auto has_input = file_exists(input);
    if (!has_input) return has_input.error();
    if (!is_of_input || !*has_input) return false;
    auto rows = PreparedRows::create(layout, job.key, batch.shard);
    if (!rows) return rows.error();
    const auto same = scan_again(input, job, batch, terms, *rows);
    if (!same || !*same) return same;
    if (auto committed = rows->commit(); !committed) return committed.error();
    return true;
}

}  // namespace

Result<Mended> mend_prepared(const spool::Layout& layout, const store::Job& job, const store::Batch& batch,
                             const Terms& terms) {
    Mended mended;
    mended.read =
        read_all(layout.shard_file(job.key, {batch.shard, batch.attempt}, spool::ShardFile::prepared));
    // What was altered in the input is somebody's doing, and no damage.
    if (mended.read || mended.read.error().code != Errc::corrupt) return mended;
    const auto made = make_again(layout, job, batch, terms);
    if (!made) return made.error();
    mended.was_made = *made;
    if (*made) mended.read = {};
    return mended;
}

asio::awaitable<bool> mend_rows(asio::thread_pool& pool, const spool::Layout& layout, Journal& journal,
                                const store::Job& job, const store::Batch& batch, const Terms& terms) {
    const auto mended = co_await run_blocking(pool, [&] { return mend_prepared(layout, job, batch, terms); });
    // Where making it again fails, that is waited for, and it is tried again with what could not be read.
    if (!mended) co_return !jsonl::is_of_these_rows(mended.error());
    if (mended->was_made)
        journal.note(
            EventKind::rows_mended, job, batch,
            "what was written of its requests was damaged on our disk, and is made again of the input");
    co_return mended->read || !jsonl::is_of_these_rows(mended->read.error());
}

}  // namespace batchd::engine
