#pragma once

#include <string_view>

namespace batchd::config {

/// What a provider, a queue or a target may be called: 1 to 64 letters, digits, - and _, but not "default".
bool is_table_name(std::string_view name);

}  // namespace batchd::config
