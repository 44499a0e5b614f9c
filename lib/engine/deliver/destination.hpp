#pragma once

#include <string>

#include "base/disk/file.hpp"
#include "spool/layout.hpp"

/// Into which folder, the outbox or rejected/, a job's input was about to leave work/. A restart with another
/// one in the configuration would look for it there, and take it for lost. Blocking.
namespace batchd::engine {

/// Notes it, before the input leaves. It need not be durable: a power cut at that moment, and another folder
/// in the configuration at the next start, are not expected together. Errors: errno.
Result<void> note_destination(const spool::Layout& layout, const std::string& job_key, const Path& parent);

/// `configured` while the input is in work/, from where all can be made again; else what is noted, where
/// anything is. Errors: errno.
Result<Path> destination_of(const spool::Layout& layout, const std::string& job_key, const Path& configured);

}  // namespace batchd::engine
