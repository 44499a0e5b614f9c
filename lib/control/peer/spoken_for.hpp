#pragma once

#include <string>
#include <string_view>

#include "server/socket/peer.hpp"

/// The page gives commands under its own account, for people whom the proxy before it names: who that is goes
/// along in the query, "for=alice". An older daemon does not look at it.
namespace batchd::control {

/// "?for=alice", with `user` in percent-encoding; "" where there is none.
std::string spoken_for_query(std::string_view user);

/// Whom the event names: "alice (by batchd-web)" where the page's own user asks for somebody else, `by` in
/// any other case. Only that user, root and the daemon's own are believed, by what the kernel says of the
/// connection: they could do anything in anybody's name. `by` is the name of the peer's user.
std::string user_of(std::string_view query, const server::Peer& peer, const std::string& by);

}  // namespace batchd::control
