#pragma once

#include <cstdint>
#include <string>

#include "sim/api_error.hpp"

/// How Azure words what it refuses, as its users and its documentation quote it.
namespace batchd::sim::azure_texts {

ApiError wrong_key();
/// Of a path that is none, of one below a deployment, and without an api-version.
ApiError not_found();
ApiError file_not_processed(const std::string& file_id);
/// In validation: no line is named.
std::string token_limit(const std::string& deployment, std::uint64_t limit);
std::string other_model(const std::string& model);

}  // namespace batchd::sim::azure_texts
