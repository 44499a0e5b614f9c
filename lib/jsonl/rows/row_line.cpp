#include "jsonl/rows/row_line.hpp"

namespace batchd::jsonl {

Line line_of(const Row& row, std::string& buffer) {
    buffer.assign(row.text).append(kLinePadding, '\0');
    const std::string_view text(buffer.data(), row.text.size());
    return {.text = text, .number = row.line_number, .size = text.size()};
}

}  // namespace batchd::jsonl
