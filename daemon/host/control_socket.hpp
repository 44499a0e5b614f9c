#pragma once

#include <optional>
#include <string>

#include "config/load.hpp"
#include "server/socket/unix_listener.hpp"

namespace batchd {

/// What is wrong with [control] on this machine, for people: a group that does not exist. A mistake of the
/// configuration.
std::optional<std::string> wrong_control(const config::Loaded& loaded);

struct ControlSocket {
    std::optional<server::UnixListener> listener;
    std::string complaint;  ///< why there is none, where the daemon does without
};

/// Makes the control socket. Where the configuration is silent, whoever may not make the default one, or
/// finds it in use, goes on without: the commands have the table `commands`. Errors: one that was asked for
/// can't be made.
Result<ControlSocket> open_control_socket(const config::Loaded& loaded);

}  // namespace batchd
