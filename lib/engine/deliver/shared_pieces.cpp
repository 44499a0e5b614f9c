#include "engine/deliver/shared_pieces.hpp"

#include <optional>

#include <fcntl.h>

#include "engine/end/ended_batch.hpp"
#include "jsonl/error_line.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/match/match_results.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/broken_line.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/random_rows.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

using spool::ShardFile;

namespace {

// Most pieces are of a few requests.
constexpr std::size_t kPieceBufferBytes = 16 * 1024;
constexpr std::size_t kUnreadableBytesMax = 512ULL * 1024 * 1024;

/// The requests of one job in a bundle as the job's own file has them: the bundle has the requests under ids
/// of ours; what users called theirs stands only here.
class OwnRows {
public:
    static Result<OwnRows> open(const spool::Layout& layout, const std::string& job_key,
                                const store::Parts::OfBundle& part) {
        const Path path = layout.shard_file(job_key, {part.shard, 1}, ShardFile::prepared);
        auto rows = jsonl::RandomRows::open(path);
        if (!rows) return rows.error();
        return OwnRows(std::move(*rows), part.first_row, path);
    }

    struct OwnRow {
        std::uint64_t line_number = 0;
        Digest128 id{};
        std::string id_json;  ///< its custom_id
    };
    /// The row that has this number in the bundle.
    Result<OwnRow> at(std::uint64_t number) {
        if (number < first_row_ || number - first_row_ >= rows_.count())
            return error(Errc::corrupt,
                         path_.string() + " has no row for row " + std::to_string(number) + " of its bundle");
        const std::uint64_t index = number - first_row_;
        const auto row = rows_.at(index);
        if (!row && jsonl::is_source_lost(row.error())) return without_its_line(index);
        if (!row) return row.error();
        const auto id = jsonl::id_of_prepared(row->text);
        if (!id) return error(Errc::corrupt, path_.string() + " has a line without custom_id");
        return OwnRow{row->line_number, row->id, std::string(*id)};
    }

private:
    /// The answers are paid for, and are delivered also where the file that they are for is gone or was
    /// altered: where not by their ids, they can be told apart by the numbers of their lines.
    Result<OwnRow> without_its_line(std::uint64_t index) {
        const auto ref = rows_.ref(index);
        if (!ref) return ref.error();
        const auto id = jsonl::custom_id_with(ref->id, rows_.id_json(index).value_or(""));
        return OwnRow{ref->line_number, ref->id,
                      id ? jsonl::json_string(*id) : jsonl::made_id(ref->line_number)};
    }

    OwnRows(jsonl::RandomRows rows, std::uint64_t first_row, Path path)
        : rows_(std::move(rows)), first_row_(first_row), path_(std::move(path)) {}

    jsonl::RandomRows rows_;
    std::uint64_t first_row_;
    Path path_;
};

/// The line that the job's folder gets for a row of the bundle's file.
using LineFor = Result<std::string> (*)(const std::string& id_json, std::string_view shared);

Result<std::string> under_its_own_id(const std::string& id_json, std::string_view shared) {
    std::string line;
    if (!jsonl::append_with_id(shared, id_json, line))
        return error(Errc::corrupt, "a line of a shared batch has no custom_id");
    return line;
}

Result<std::string> as_error(const std::string& id_json, const jsonl::LineError& error) {
    const auto id = jsonl::prepared_custom_id(std::string(jsonl::kPreparedStart) + id_json + "}");
    return jsonl::error_line(id, error);
}

Result<std::string> as_cancelled(const std::string& id_json, std::string_view) {
    return as_error(id_json, jsonl::MatchOptions{}.cancelled);
}

Result<std::string> as_abandoned(const std::string& id_json, std::string_view) {
    return as_error(id_json, was_abandoned({}));
}

/// A crash may have come when the input was in the outbox already: what was taken out before is whole then,
/// and could not be made as well a second time.
Result<bool> were_taken_before(const spool::Layout& layout, const std::string& job_key,
                               std::string_view mark) {
    const auto has_input = file_exists(layout.input(job_key));
    if (!has_input || *has_input) return has_input ? Result<bool>(false) : has_input;
    const auto has_answers = jsonl::row_file_exists(layout.shared_file(job_key, mark, ShardFile::succeeded));
    if (!has_answers || *has_answers) return has_answers;
    return jsonl::row_file_exists(layout.shared_file(job_key, mark, ShardFile::failed));
}

Result<void> write_rows(const Path& from, const Path& to, OwnRows& own, const store::Parts::OfBundle& part,
                        LineFor line_for) {
    // Only the job's range: a file of 50,000 jobs that each read it whole would be read 50,000 times.
    auto rows = jsonl::RandomRows::open(from);
    if (!rows) return rows.error();
    const auto first = rows->find(part.first_row);
    if (!first) return first.error();
    auto writer = jsonl::RowFileWriter::create(to, kPieceBufferBytes);
    if (!writer) return writer.error();
    for (std::uint64_t i = *first; i < rows->count(); ++i) {
        const auto shared = rows->at(i);
        if (!shared) return shared.error();
        if (shared->line_number > part.last_row) break;
        const auto mine = own.at(shared->line_number);
        if (!mine) return mine.error();
        const auto line = line_for(mine->id_json, shared->text);
        if (!line) return within(from.string(), line.error());
        if (auto put = writer->append(mine->line_number, mine->id, *line); !put) return put;
    }
    return writer->commit();
}

/// Lines that name a request of this job, and those that name none where these may be shown.
Result<void> write_unreadable(const Path& from, const Path& to, const std::string& job_key,
                              bool shows_nameless) {
    const auto there = file_exists(from);
    if (!there || !*there) return there ? Result<void>() : there.error();
    const auto fd = open_file(from, O_RDONLY);
    if (!fd) return fd.error();
    jsonl::LineReader reader(fd->get(), kUnreadableBytesMax);
    std::optional<FileWriter> writer;
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(from.string(), more.error());
        if (!*more) break;
        const auto named = jsonl::custom_id_in_broken(line.text);
        const auto id = named ? jsonl::parse_wire_id(*named) : std::nullopt;
        // A broken line may hold somebody's answer in full, so another job's people must not find it in
        // their folder.
        const bool is_ours = id ? id->job_key == job_key : shows_nameless;
        if (!is_ours) continue;
        if (!writer) {
            auto created = FileWriter::create(to);
            if (!created) return created.error();
            writer.emplace(std::move(*created));
        }
        if (auto put = writer->append(std::string(line.text) + "\n"); !put) return put;
    }
    return writer ? writer->commit() : Result<void>();
}

}  // namespace

Result<void> write_shared_piece(const spool::Layout& layout, const std::string& job_key,
                                const SharedPiece& piece) {
    const store::Parts::OfBundle& part = piece.part;
    const auto from = [&](ShardFile kind) {
        return layout.shard_file(part.bundle, {part.bundle_shard, part.bundle_attempt}, kind);
    };
    const auto to = [&](ShardFile kind) { return layout.shared_file(job_key, part.mark, kind); };
    const auto taken = were_taken_before(layout, job_key, part.mark);
    if (!taken || *taken) return taken ? Result<void>() : taken.error();
    // All of its requests went out again, and their answers come with a later batch.
    if (part.completed + part.failed == 0) return {};
    auto own = OwnRows::open(layout, job_key, part);
    if (!own) return own.error();
    // Made of the requests and not of answers: the job was told that these are cancelled, or given up, before
    // the batch had ended, and what came afterwards changes nothing of that.
    if (part.left_at)
        return write_rows(from(ShardFile::prepared), to(ShardFile::failed), *own, part,
                          part.was_abandoned ? as_abandoned : as_cancelled);
    Result<void> done;
    if (part.completed > 0)
        done = write_rows(from(ShardFile::succeeded), to(ShardFile::succeeded), *own, part, under_its_own_id);
    if (done && part.failed > 0)
        done = write_rows(from(ShardFile::failed), to(ShardFile::failed), *own, part, under_its_own_id);
    if (!done) return done;
    return write_unreadable(from(ShardFile::unreadable), to(ShardFile::unreadable), job_key,
                            piece.shows_nameless);
}

}  // namespace batchd::engine
