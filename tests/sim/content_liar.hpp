#pragma once

#include <string_view>

#include "sim/backend.hpp"
#include "sim/http_message.hpp"

namespace batchd::sim {

/// As tell_lies(), for the content of the file `file_id`.
void tell_lies_about_content(Backend& backend, std::string_view file_id, Response& response);

/// The batch with a number, or with an id; nullptr where there is none.
const Batch* named_batch(Backend& backend, const boost::json::value& which);

}  // namespace batchd::sim
