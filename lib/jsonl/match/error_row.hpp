#pragma once

#include "jsonl/error_line.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/rows/row_output.hpp"

namespace batchd::jsonl {

/// Appends to `errors` an error line for the request that `requests` comes to next. Where the file that the
/// request stands in is gone, or was changed so that its custom_id can't be read any more, that is null, and
/// the line's number is said instead. False at the end. Errors: those of both.
Result<bool> append_error_of_next(RowFileReader& requests, const LineError& error, RowOutput& errors);

}  // namespace batchd::jsonl
