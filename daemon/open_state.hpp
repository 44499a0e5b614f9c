#pragma once

#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd {

/// Opens the daemon's database for somebody at a shell. Errors: as open_store(), in words that say what to do
/// when there is no state yet, or when it may not be read (or written, by a guest).
Result<std::unique_ptr<store::Store>> open_state(const spool::Layout& layout, store::OpenMode mode);

}  // namespace batchd
