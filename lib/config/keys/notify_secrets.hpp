#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

/// What is secret about a target of notices. It is in files only, which may be replaced at any time: they are
/// read for each message. Blocking, for the pool.
/// Errors: not_found where there is none, bad_input for what is not one, the system's; each with the place,
/// and without what stands there.
namespace batchd::config {

/// The address that messages for [notify.NAME] go to: the credential notify.NAME, else the file that url_file
/// names.
Result<std::string> find_notify_url(const std::string& name, const NotifyTarget& target,
                                    const Environment& environment);

/// The bytes of "whsec_…", with or without that; nothing where it is no key of 24 to 64 bytes in base64.
std::optional<std::string> parse_notify_key(std::string_view line);

/// The keys that a webhook's messages are signed with, as bytes: of the credential notify.NAME.secret, else
/// of the file that secret_file names. Two lines while it is rotated. None where neither is there.
Result<std::vector<std::string>> find_notify_keys(const std::string& name, const NotifyTarget& target,
                                                  const Environment& environment);

}  // namespace batchd::config
