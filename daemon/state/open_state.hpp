#pragma once

#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd {

/// Opens the daemon's database for somebody at a shell. Errors: as open_store(), in words that say what to do
/// when there is no state yet, when it may not be read (or written, by a guest), or when it was lost: it is
/// not there, or knows no job at all, while work/ holds some.
Result<std::unique_ptr<store::Store>> open_state(const spool::Layout& layout, store::OpenMode mode);

/// False also where the file is empty, of which SQLite would make a database without a word. Errors: errno.
Result<bool> has_database(const spool::Layout& layout);

/// There are so many jobs in work/, and no database that knows them.
Error database_is_lost(const spool::Layout& layout, std::size_t jobs);

/// " (you are not in the group batchd: …)": what somebody can do who may not reach what is in `folder`.
std::string how_to_join(const Path& folder);

}  // namespace batchd
