#pragma once

#include <cstdint>
#include <string>

#include "base/disk/fd.hpp"
#include "base/result.hpp"

namespace batchd::server {

/// A listening socket on an IPv4 or IPv6 address, such as "127.0.0.1" or "::1". Errors: bad_input for what is
/// no address; errno, with the address and what to do where it is taken.
Result<UniqueFd> listen_on(const std::string& address, std::uint16_t port);

}  // namespace batchd::server
