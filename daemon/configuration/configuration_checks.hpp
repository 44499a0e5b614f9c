#pragma once

#include "config/load.hpp"

namespace batchd {

/// What a configuration can't say of itself: whether this machine has the group.
config::Checks configuration_checks();

}  // namespace batchd
