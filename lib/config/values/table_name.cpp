#include "config/values/table_name.hpp"

#include <algorithm>

namespace batchd::config {

bool is_table_name(std::string_view name) {
    // Nothing that is special in a path, in a URL or in a variable's name: it becomes a part of all three.
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= 64 && name != "default" &&
           std::all_of(name.begin(), name.end(), fits);
}

}  // namespace batchd::config
