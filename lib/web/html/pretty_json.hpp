#pragma once

#include <string>
#include <string_view>

namespace batchd::web {

/// JSON with a line for each member, for people; what is no JSON comes back as it is. Pure.
std::string pretty_json(std::string_view json);

}  // namespace batchd::web
