#pragma once

#include <string>
#include <string_view>

namespace batchd::web {

/// In the format of gzip; a list of jobs is a tenth of its size then. Source: RFC 1952. Pure.
std::string gzip(std::string_view bytes);

}  // namespace batchd::web
