#pragma once

#include <string>
#include <string_view>

namespace batchd::report {

/// What a message says to everybody: numbers, ids and digests in it are "#", so that "request req_8f3a… used
/// 130912 tokens" of one request and of the next are one reason. Names of models and keys stay. Pure.
std::string reason_pattern(std::string_view message);

}  // namespace batchd::report
