#pragma once

#include <string>

#include "jsonl/line_reader.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

/// A row as the parsers of lines take it, copied into `buffer`, where it is valid until that is changed.
Line line_of(const Row& row, std::string& buffer);

}  // namespace batchd::jsonl
