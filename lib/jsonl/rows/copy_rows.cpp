#include "jsonl/rows/copy_rows.hpp"

#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

Result<void> copy_rows(const Path& from, const Path& to) {
    auto reader = RowFileReader::open(from);
    if (!reader) return reader.error();
    auto writer = RowFileWriter::create(to);
    if (!writer) return writer.error();
    for (;;) {
        const auto more = writer->append_next_of(*reader);
        if (!more) return more.error();
        if (!*more) return writer->commit();
        reader->release_text();
    }
}

}  // namespace batchd::jsonl
