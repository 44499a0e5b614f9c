#pragma once

#include <cstdint>
#include <string_view>

#include "sim/backend.hpp"
#include "sim/http_message.hpp"

namespace batchd::sim {

/// The number of the batch that a request is about, by its id or by that of one of its files, or that it
/// would make; 0: none.
std::uint64_t batch_number_of(const Backend& backend, const RequestHead& head);

/// The batch that a file belongs to; nullptr where there is none.
const Batch* batch_of_file(const Backend& backend, std::string_view file_id);

/// The segment behind "/v1/batches/" or "/v1/files/"; "" where there is none.
std::string_view id_in_path(std::string_view path);

}  // namespace batchd::sim
