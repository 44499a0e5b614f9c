#include "jsonl/rows/row_output.hpp"

namespace batchd::jsonl {

Result<void> RowOutput::append(std::uint64_t line_number, const Digest128& id, std::string_view text) {
    if (!writer_) {
        auto writer = RowFileWriter::create(path_);
        if (!writer) return writer.error();
        writer_.emplace(std::move(*writer));
    }
    return writer_->append(line_number, id, text);
}

Result<void> RowOutput::commit() {
    // No rows, no file; what an interrupted run has left under the name must not be taken for this one's.
    return writer_ ? writer_->commit() : remove_row_file(path_);
}

}  // namespace batchd::jsonl
