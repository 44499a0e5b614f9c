#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace batchd::server {

/// Who is at the other end of a connection.
struct Peer {
    std::optional<uid_t> uid;  ///< of a Unix socket: the kernel says who opened the connection
    std::optional<pid_t> pid;  ///< likewise; of the connecting side's view: who listens
    std::string address;       ///< of TCP: "127.0.0.1"
};

/// Errors leave fields empty.
Peer peer_of(int socket);

/// "alice"; "uid 1001" where the machine knows no name. May ask a name service: for the pool.
std::string user_name(uid_t uid);

}  // namespace batchd::server
