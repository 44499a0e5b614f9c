#pragma once

#include <cstdint>

#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Adds each bundle that lies in work/ and that the database does not know: a crash came before it was
/// recorded, or the database was put back from a copy, or built again. Its jobs' own batches, which are
/// planned as if nothing had been sent of them, are replaced by it; whether it was sent, the daemon asks of
/// the provider (lost_attempts.hpp). What is half written, or of no job that is open, is removed. In a
/// transaction of the caller's, or each by itself where there is none. Errors: errno, SQLite's.
Result<std::uint64_t> add_unknown_bundles(const spool::Layout& layout, store::Store& store, TimePoint now);

/// Adds the one that lies in work/KEY. False, and nothing is added, where none of its jobs is open.
Result<bool> add_bundle(const spool::Layout& layout, store::Store& store, const std::string& key,
                        TimePoint now);

/// True for a folder in work/ that is a bundle's, whole or not.
Result<bool> is_bundle_folder(const Path& work_directory);

}  // namespace batchd::engine
