#pragma once

#include <string_view>

#include "config/settings.hpp"

namespace batchd {

/// True for the keys (as config::changed_keys() names them) that a running daemon can take over; the others
/// are built into what exists already, such as the folders that are watched and the socket that is bound.
bool can_change(std::string_view key);

/// Takes over exactly these.
void take_over_keys(config::Settings& settings, const config::Settings& from);

}  // namespace batchd
