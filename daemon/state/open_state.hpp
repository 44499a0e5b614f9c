#pragma once

#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd {

/// Opens the daemon's database for somebody at a shell. Errors: as open_store(), in words that say what to do
/// when there is no state yet, when it may not be read (or written, by a guest), or when it was lost.
Result<std::unique_ptr<store::Store>> open_state(const spool::Layout& layout, store::OpenMode mode);

/// There are so many jobs in work/, and no database that knows them.
Error database_is_lost(const spool::Layout& layout, std::size_t jobs);

/// " (you are not in the group batchd: …)": what somebody can do who may not reach what is in `folder`.
std::string how_to_join(const Path& folder);

}  // namespace batchd
