#pragma once

#include "base/units.hpp"

namespace batchd {

/// Does nothing for a while: a command that looks until the database says something new.
void pause(Millis time);

}  // namespace batchd
