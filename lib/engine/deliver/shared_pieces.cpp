#include "engine/deliver/shared_pieces.hpp"

#include <optional>

#include <fcntl.h>

#include "jsonl/error_line.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/request/broken_line.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/result/match_results.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/rows/row_range.hpp"
#include "jsonl/rows/row_source.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

using spool::ShardFile;

namespace {

constexpr std::size_t kPieceBufferBytes = 16 * 1024;
constexpr std::size_t kUnreadableBytesMax = 512ULL * 1024 * 1024;

/// The requests of one job in a bundle as the job's own file has them.
/// The bundle has the requests under ids of ours; what users called theirs stands only here.
class OwnRows {
public:
    static Result<OwnRows> open(const spool::Layout& layout, const std::string& job_key,
                                const store::Parts::OfBundle& part) {
        const Path path = layout.shard_file(job_key, {part.shard, 1}, ShardFile::prepared);
        auto index = jsonl::RowIndex::load(path);
        if (!index) return index.error();
        auto text = jsonl::RowSource::open(path);
        if (!text) return text.error();
        return OwnRows(std::move(*index), std::move(*text), part.first_row, path);
    }

    /// The row that has this number in the bundle; its text is valid until the next call.
    Result<jsonl::Row> at(std::uint64_t number) {
        if (number < first_row_ || number - first_row_ >= index_.rows().size())
            return error(Errc::corrupt,
                         path_.string() + " has no row for row " + std::to_string(number) + " of its bundle");
        const jsonl::RowRef& ref = index_.rows()[number - first_row_];
        const auto text = text_.text_at(ref.offset, ref.size);
        if (!text) return text.error();
        return jsonl::Row{ref.line_number, ref.id, *text};
    }

private:
    OwnRows(jsonl::RowIndex index, jsonl::RowSource text, std::uint64_t first_row, Path path)
        : index_(std::move(index)), text_(std::move(text)), first_row_(first_row), path_(std::move(path)) {}

    jsonl::RowIndex index_;
    jsonl::RowSource text_;
    std::uint64_t first_row_;
    Path path_;
};

/// The line that the job's folder gets for a row of the bundle's file.
using LineFor = Result<std::string> (*)(const jsonl::Row& own, std::string_view shared);

Result<std::string> under_its_own_id(const jsonl::Row& own, std::string_view shared) {
    const auto id = jsonl::id_of_prepared(own.text);
    std::string line;
    if (!id || !jsonl::append_with_id(shared, *id, line))
        return error(Errc::corrupt, "a line of a shared batch has no custom_id");
    return line;
}

Result<std::string> as_cancelled(const jsonl::Row& own, std::string_view) {
    return jsonl::error_line(jsonl::prepared_custom_id(own.text), jsonl::MatchOptions{}.cancelled);
}

Result<void> write_rows(const Path& from, const Path& to, OwnRows& own, const store::Parts::OfBundle& part,
                        LineFor line_for) {
    // Only the job's range: a file of 50,000 jobs that each read it whole would be read 50,000 times.
    const auto rows = jsonl::find_rows(from, part.first_row, part.last_row);
    if (!rows) return rows.error();
    auto text = jsonl::RowSource::open(from);
    if (!text) return text.error();
    auto writer = jsonl::RowFileWriter::create(to, kPieceBufferBytes);
    if (!writer) return writer.error();
    for (const jsonl::RowRef& row : *rows) {
        const auto mine = own.at(row.line_number);
        if (!mine) return mine.error();
        const auto shared = text->text_at(row.offset, row.size);
        if (!shared) return shared.error();
        const auto line = line_for(*mine, *shared);
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
    // All of its requests went out again, and their answers come with a later batch.
    if (part.completed + part.failed == 0) return {};
    auto own = OwnRows::open(layout, job_key, part);
    if (!own) return own.error();
    // Made of the requests and not of answers: the job was told that these are cancelled before the batch
    // had ended, and what came afterwards changes nothing of that.
    if (part.left_at)
        return write_rows(from(ShardFile::prepared), to(ShardFile::failed), *own, part, as_cancelled);
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
