#pragma once

#include <string_view>

namespace batchd::config {

/// What a provider, a queue or a target may be called: 1 to 64 letters, digits, - and _, but not "default".
/// It becomes a part of paths, of addresses and of variables' names, so nothing is in it that means something
/// there.
bool is_table_name(std::string_view name);

}  // namespace batchd::config
