#include "engine/deliver/delivery.hpp"

#include <algorithm>
#include <optional>

#include <fcntl.h>

#include "base/units.hpp"
#include "engine/deliver/destination.hpp"
#include "engine/deliver/job_record.hpp"
#include "engine/deliver/shared_reason.hpp"
#include "jsonl/result/merge_rows.hpp"
#include "jsonl/rows/row_file.hpp"
#include "provider/provider.hpp"
#include "spool/folder_builder.hpp"
#include "spool/published.hpp"

namespace batchd::engine {

using spool::ShardFile;

namespace {

/// One bit a line: which requests have their line already.
class Ticks {
public:
    /// False when it was ticked before.
    bool tick(std::uint64_t line) {
        if (line >= ticks_.size()) ticks_.resize(std::max<std::size_t>(line + 1, ticks_.size() * 2));
        if (ticks_[line]) return false;
        ticks_[line] = true;
        return true;
    }

private:
    std::vector<bool> ticks_;
};

/// Of one that is shared, what was taken of it for this job.
Path file_of(const spool::Layout& layout, const Delivery& delivery, const store::Batch& batch,
             ShardFile kind) {
    return batch.is_shared() ? layout.shared_file(delivery.job.key, batch.key, kind)
                             : layout.shard_file(delivery.job.key, {batch.shard, batch.attempt}, kind);
}

/// The counts that were committed say which files must be there, not the folder: a file that a crash left
/// half written is not taken for answers, and one that went missing is an error.
std::vector<Path> pieces_of_batches(const spool::Layout& layout, const Delivery& delivery, ShardFile kind) {
    std::vector<Path> expected;
    for (const store::Batch& batch : delivery.batches) {
        const std::uint64_t rows = kind == ShardFile::succeeded ? batch.completed : batch.failed;
        if (rows > 0) expected.push_back(file_of(layout, delivery, batch, kind));
    }
    return expected;
}

Result<std::vector<Path>> pieces(const spool::Layout& layout, const Delivery& delivery, ShardFile kind) {
    std::vector<Path> found;
    for (Path& path : pieces_of_batches(layout, delivery, kind)) {
        const auto there = delivery.lacks_pieces ? jsonl::row_file_exists(path) : Result<bool>(true);
        if (!there) return there.error();
        if (*there) found.push_back(std::move(path));
    }
    if (kind == ShardFile::failed) {
        // Lines that were set aside when the file was read have an error like any other, so that each line
        // of the input is accounted for.
        const Path invalid = layout.invalid(delivery.job.key);
        const auto there = jsonl::row_file_exists(invalid);
        if (!there) return there.error();
        if (*there) found.push_back(invalid);
    }
    return found;
}

Result<void> tick(Ticks& ticks, std::uint64_t line) {
    if (ticks.tick(line)) return {};
    return error(Errc::corrupt, "line " + std::to_string(line) + " has both an answer and an error");
}

/// Where the only piece of a job is the whole of a file, as it is where a provider answered in the order of
/// the input, that file just gets a second name. False where it is not, or where the file system has no such
/// thing, or is another one.
Result<bool> link_piece(const Path& path, const Path& piece) {
    const auto whole = jsonl::file_with_all_of(piece);
    if (!whole) return whole.error();
    if (!*whole) return false;
    std::error_code ec;
    std::filesystem::create_hard_link(**whole, path, ec);
    if (ec == std::errc::no_such_file_or_directory) return Error{ec, (*whole)->string()};
    return !ec;
}

Result<std::uint64_t> tick_all(const Path& piece, Ticks& ticks) {
    // The content has its second name already; only the line numbers are read, from the index beside it.
    const auto index = jsonl::RowIndex::load(piece);
    if (!index) return index.error();
    for (const jsonl::RowRef& row : index->rows())
        if (auto ticked = tick(ticks, row.line_number); !ticked) return ticked.error();
    return index->rows().size();
}

/// Merges pieces into one file in input order; answers its number of lines.
Result<std::uint64_t> merge_into(const Path& path, std::vector<Path> from, const Path& scratch,
                                 Ticks& ticks) {
    // Several pieces have to be merged by their lines, and one may be a file that is whole already.
    if (from.size() == 1) {
        const auto linked = link_piece(path, from.front());
        if (!linked) return linked.error();
        if (*linked) return tick_all(from.front(), ticks);
    }
    auto writer = FileWriter::create(path);
    if (!writer) return writer.error();
    const auto sink = [&](const jsonl::Row& row) -> Result<void> {
        if (auto ticked = tick(ticks, row.line_number); !ticked) return ticked;
        if (auto appended = writer->append(row.text); !appended) return appended;
        return writer->append("\n");
    };
    const auto merged = jsonl::merge_rows(std::move(from), sink, {.scratch = scratch});
    if (!merged) return merged.error();
    if (auto committed = writer->commit(Durable::later); !committed) return committed.error();
    return merged->rows;
}

Result<void> write_answers(const spool::Layout& layout, const Path& folder, const Delivery& delivery) {
    const Path scratch = layout.work_directory(delivery.job.key);
    Ticks ticks;
    auto succeeded = pieces(layout, delivery, ShardFile::succeeded);
    if (!succeeded) return succeeded.error();
    auto failed = pieces(layout, delivery, ShardFile::failed);
    if (!failed) return failed.error();
    const auto answers = merge_into(folder / "output.jsonl", std::move(*succeeded), scratch, ticks);
    if (!answers) return answers.error();
    std::uint64_t errors = 0;
    if (!failed->empty()) {
        const auto written = merge_into(folder / "errors.jsonl", std::move(*failed), scratch, ticks);
        if (!written) return written.error();
        errors = *written;
    }
    // The promise itself, held against what lies in the folder and not against counters: a job that has
    // lost a line is not delivered, and its row says so until somebody looks, and cancels it.
    if (!delivery.lacks_pieces && *answers + errors != delivery.job.requests)
        return error(Errc::corrupt, with_commas(*answers) + " answers and " + with_commas(errors) +
                                        " errors for " + with_commas(delivery.job.requests) + " requests");
    return {};
}

/// What could not be read of the results, as it came, in the order of the batches.
Result<void> write_unreadable(const spool::Layout& layout, const Path& folder, const Delivery& delivery) {
    std::vector<Path> found;
    for (const store::Batch& batch : delivery.batches) {
        Path path = file_of(layout, delivery, batch, ShardFile::unreadable);
        const auto there = file_exists(path);
        if (!there) return there.error();
        if (*there) found.push_back(std::move(path));
    }
    if (found.empty()) return {};
    auto writer = FileWriter::create(folder / "unreadable.jsonl");
    if (!writer) return writer.error();
    std::vector<char> buffer(256 * 1024);
    for (const Path& path : found) {
        const auto fd = open_file(path, O_RDONLY);
        if (!fd) return fd.error();
        for (;;) {
            const auto size = read_some(fd->get(), buffer.data(), buffer.size());
            if (!size) return within(path.string(), size.error());
            if (*size == 0) break;
            if (auto appended = writer->append({buffer.data(), *size}); !appended) return appended;
        }
    }
    return writer->commit(Durable::later);
}

}  // namespace

Result<std::optional<Path>> find_missing_piece(const spool::Layout& layout, const Delivery& delivery) {
    for (const ShardFile kind : {ShardFile::succeeded, ShardFile::failed})
        for (Path& path : pieces_of_batches(layout, delivery, kind)) {
            const auto there = jsonl::row_file_exists(path);
            if (!there) return there.error();
            if (!*there) return std::optional(std::move(path));
        }
    // What was wrong with lines that were set aside when the file was read stands in a file of its own.
    std::uint64_t failed = 0;
    for (const store::Batch& batch : delivery.batches) failed += batch.failed;
    const Path invalid = layout.invalid(delivery.job.key);
    const auto there = jsonl::row_file_exists(invalid);
    if (!there) return there.error();
    return delivery.job.failed > failed && !*there ? std::optional(invalid) : std::nullopt;
}

Result<std::vector<Path>> answer_pieces(const spool::Layout& layout, const Delivery& delivery) {
    return pieces(layout, delivery, ShardFile::succeeded);
}

store::JobState final_state(const Delivery& delivery) {
    const store::Job& job = delivery.job;
    const auto was_cut_short = [](const store::Batch& batch) {
        // A batch that was told to stop and had finished by then has cut nothing short: with all its
        // answers there, the job is done in spite of the cancel.
        const bool cancelled = provider::parse_status(batch.status) == provider::BatchStatus::cancelled ||
                               batch.outcome == store::Outcome::withdrawn ||
                               batch.outcome == store::Outcome::unanswered_cancel || batch.left_at;
        return cancelled && batch.failed > 0;
    };
    // Without a batch there is nothing that a cancel could cut short, and yet it came before anything was
    // sent.
    const bool was_never_sent = delivery.batches.empty() && (job.requests == 0 || job.failed < job.requests);
    if (job.cancel_asked_at &&
        (was_never_sent || std::any_of(delivery.batches.begin(), delivery.batches.end(), was_cut_short)))
        return store::JobState::cancelled;
    const bool failed = !job.reason.empty() || job.succeeded == 0;
    return failed ? store::JobState::failed : store::JobState::done;
}

Result<std::string> reason_of_failures(const spool::Layout& layout, const Delivery& delivery) {
    const auto failed = pieces(layout, delivery, ShardFile::failed);
    if (!failed) return failed.error();
    return shared_reason(*failed);
}

Result<bool> is_input_gone(const spool::Layout& layout, const Path& outbox, const store::Job& job) {
    // A crash may have come between moving the input into the folder that is being built and the rename
    // that publishes it, or after that and before the commit.
    const Path built = outbox / spool::building_name(job.name, job.key) / "input.jsonl";
    for (const Path& path : {layout.input(job.key), built}) {
        const auto there = file_exists(path);
        if (!there) return there.error();
        if (*there) return false;
    }
    const auto published = spool::find_published(outbox, job.name, job.key);
    if (!published) return published.error();
    return !*published;
}

Result<std::string> deliver(const spool::Layout& layout, const Path& outbox, const Delivery& delivery) {
    const store::Job& job = delivery.job;
    const Path input = layout.input(job.key);
    const auto unpublished = file_exists(input);  // the input goes into the folder before that is shown
    if (!unpublished) return unpublished.error();
    if (!*unpublished) {
        const auto published = spool::find_published(outbox, job.name, job.key);
        if (!published) return published.error();
        if (*published) return **published;
    }
    auto folder = spool::FolderBuilder::create(outbox, job.name, job.key);
    if (!folder) return folder.error();
    if (auto written = write_answers(layout, folder->path(), delivery); !written)
        return folder->named(written.error());
    if (auto written = write_unreadable(layout, folder->path(), delivery); !written)
        return folder->named(written.error());
    if (auto written = replace_file(folder->path() / "job.json", job_json(delivery), Durable::later);
        !written)
        return folder->named(written.error());
    // The input goes last: while it is in work/, everything else can be made again from there, and once it
    // is moved, everything else is durable.
    if (delivery.input_is_gone) return folder->publish(delivery.reserved);
    if (auto noted = *unpublished ? note_destination(layout, job.key, outbox) : Result<void>(); !noted)
        return noted.error();
    auto taken = delivery.input_has_grown ? folder->take_start_of_input(input, job.size_bytes)
                                          : folder->take_input(input);
    if (!taken) return taken.error();
    return folder->publish(delivery.reserved);
}

}  // namespace batchd::engine
