#include "jsonl/rows/format/row_form.hpp"

namespace batchd::jsonl {

std::string made_id(std::uint64_t line_number) {
    return "\"line-" + std::to_string(line_number) + '"';
}

}  // namespace batchd::jsonl
