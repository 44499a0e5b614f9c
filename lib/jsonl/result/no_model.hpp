#pragma once

#include <string_view>

namespace batchd::jsonl {

/// Whether an error says that a model or an endpoint is not there, or not for batches: in a result row, in a
/// batch's validation and in the answer to a create alike. By its code or its param; its message counts where
/// no param says that it is about something else. Pure.
bool names_no_model(std::string_view code, std::string_view param, std::string_view message = "");

}  // namespace batchd::jsonl
