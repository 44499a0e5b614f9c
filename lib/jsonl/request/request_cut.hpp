#pragma once

#include "jsonl/line_reader.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/format/row_form.hpp"

namespace batchd::jsonl {

/// How what append_prepared() makes of a request is made again of the line that it came from.
struct MadeOf {
    RowForm form;
    RequestCut cut;
};

/// Fills in `made`, which may be used again for the next line. False where the line to send is more than the
/// line's own id and body with constant text around them: where the body is put together of several keys, or
/// was changed.
bool made_of(const Request& request, const Line& line, MadeOf& made);

}  // namespace batchd::jsonl
