#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spool/layout.hpp"

namespace batchd::engine {

/// The names in a folder, in no order; none where it is not there. Errors: errno.
Result<std::vector<std::string>> names_in(const Path& folder);

/// The attempt whose lines, or the index beside them, have this name in a work directory; anything else is
/// nothing.
std::optional<spool::ShardAttempt> attempt_of_lines(std::string_view name);

/// The keys of all jobs and bundles with a folder in work/, likewise.
Result<std::vector<std::string>> keys_in_work(const spool::Layout& layout);

/// Removes the work directory of a job, durably: once the database says that it is gone, nobody would look
/// for what a power cut brings back. Fine when it is not there. Blocking.
Result<void> remove_work_directory(const spool::Layout& layout, std::string_view job_key);

/// remove_work_directory() of what was written for a job that does not come about. One that has more than its
/// input stays: it was on record once, in a database that is lost, and what it sent is paid. Blocking.
Result<void> remove_unread(const spool::Layout& layout, std::string_view job_key);

/// True for a folder that `batchd recover` makes a job of: there is its input, its plan, or the reason for
/// which it was being rejected. Errors: errno.
Result<bool> holds_job(const spool::Layout& layout, std::string_view job_key);

/// What is said of a job that ends without this file of its work directory.
std::string missing_in_work(const Path& path);

}  // namespace batchd::engine
