#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "base/units.hpp"

namespace batchd::http {

/// The addresses of `host`, as text, in the order in which the system prefers them; an address is its own
/// answer. "localhost" is this machine whatever the system says, as RFC 6761, section 6.3, wants it.
///
/// Unlike Asio's resolver, a lookup that hangs holds up neither a cancellation nor the end of the program.
/// Errors: the resolver's (asio netdb and addrinfo categories), timed_out after `limit`.
boost::asio::awaitable<Result<std::vector<std::string>>> resolve(std::string host, Millis limit);

}  // namespace batchd::http
