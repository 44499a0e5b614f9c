#include "jsonl/rows/split_rows.hpp"

#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {
namespace {

Error not_as_counted(const Path& from) {
    return error(Errc::corrupt, from.string() + " has not the rows that were counted");
}

Result<void> write_part(RowFileReader& reader, const Path& from, const RowPart& part) {
    auto writer = RowFileWriter::create(part.path);
    if (!writer) return writer.error();
    for (std::uint64_t i = 0; i < part.rows; ++i) {
        const auto more = writer->append_next_of(reader);
        if (!more) return more.error();
        // The parts were planned by a count that was made before; a file with another is not split by
        // guess.
        if (!*more) return not_as_counted(from);
    }
    return writer->commit();
}

}  // namespace

Result<void> split_rows(const Path& from, const std::vector<RowPart>& parts) {
    auto reader = RowFileReader::open(from);
    if (!reader) return reader.error();
    for (const RowPart& part : parts)
        if (auto written = write_part(*reader, from, part); !written) return written;
    const auto more = reader->skip();
    if (!more) return more.error();
    // A row that no part takes would be a request that is never sent, and never missed.
    if (*more) return not_as_counted(from);
    return {};
}

}  // namespace batchd::jsonl
