#pragma once

#include <string>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "spool/layout.hpp"

namespace batchd {

/// Makes the folders of people and of the state where they are missing, and looks whether files can be moved
/// in those of people at all. Errors: errno, with what to do about it.
Result<void> make_folders(const config::Spool& spool, const spool::Layout& layout);

/// What to do about `error` where the sandbox of the service may be the cause: "" where it can't be. Pure.
std::string sandbox_remedy(const Error& error, const Path& folder);

}  // namespace batchd
