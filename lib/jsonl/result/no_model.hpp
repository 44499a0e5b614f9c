#pragma once

#include <string_view>

namespace batchd::jsonl {

/// Whether an error's code or param says that a model or an endpoint is not there, or not for batches: in a
/// result row, in a batch's validation and in the answer to a create alike. Pure.
bool names_no_model(std::string_view code, std::string_view param);

}  // namespace batchd::jsonl
