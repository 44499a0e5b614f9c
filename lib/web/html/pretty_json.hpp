#pragma once

#include <string>
#include <string_view>

namespace batchd::web {

/// The beginning of some JSON, for people.
struct PrettyJson {
    std::string text;
    bool is_whole = true;  ///< nothing is behind it
};

/// JSON with a line for each member; what is found to be no JSON before the end is reached comes as it is. Of
/// what is longer than `bytes_max`, the first so many: no more is made of it, or kept, however long it is.
/// Pure.
PrettyJson pretty_json(std::string_view json, std::size_t bytes_max);

}  // namespace batchd::web
