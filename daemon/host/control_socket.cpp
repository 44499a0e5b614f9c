#include "daemon/host/control_socket.hpp"

#include <grp.h>

#include "daemon/host/folders.hpp"

namespace batchd {
namespace {

constexpr const char* kDefaultGroup = "batchd";

/// Nothing where there is no such group. Before there are other threads.
std::optional<gid_t> group_named(const std::string& name) {
    const group* const found = ::getgrnam(name.c_str());
    return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

Result<server::UnixListener> open(const config::Control& control) {
    if (!control.group.empty()) return server::UnixListener::open(control.socket, group_named(control.group));
    const auto usual = group_named(kDefaultGroup);
    auto listener = server::UnixListener::open(control.socket, usual);
    // Who runs a daemon of their own is not in that group, and need not be.
    if (!listener && usual && listener.error().code == boost::system::errc::operation_not_permitted)
        return server::UnixListener::open(control.socket, std::nullopt);
    return listener;
}

}  // namespace

std::optional<std::string> wrong_control(const config::Loaded& loaded) {
    const std::string& name = loaded.settings.control.group;
    if (name.empty() || group_named(name)) return std::nullopt;
    const auto source = loaded.sources.find("control.group");
    const std::string where = source == loaded.sources.end() ? "" : source->second + ": ";
    return where + "control.group is \"" + name + "\": there is no such group; make it (addgroup " + name +
           ") or name another";
}

Result<ControlSocket> open_control_socket(const config::Loaded& loaded) {
    const config::Control& control = loaded.settings.control;
    ControlSocket made;
    auto listener = open(control);
    if (listener) {
        made.listener.emplace(std::move(*listener));
        return made;
    }
    Error failure = within("control.socket", listener.error());
    failure.context += sandbox_remedy(failure, control.socket.parent_path());
    if (loaded.sources.contains("control.socket")) return failure;
    made.complaint = to_string(failure) +
                     "; going on without: commands go through the database (set control.socket to have one)";
    return made;
}

}  // namespace batchd
