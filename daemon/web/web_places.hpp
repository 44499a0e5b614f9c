#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

/// Where the page listens, which systemd may say otherwise than the configuration. A place is written as in
/// web.listen: "127.0.0.1:8420", "/run/batchd-web/page.sock". Pure, but for place_of().
namespace batchd {

/// The place of a socket that listens; a text that is_local_place() does not take where it is of a kind that
/// we do not know.
std::string place_of(int socket);
/// Only this machine can reach it.
bool is_local_place(const std::string& place);

/// Why the page must not listen there, in a sentence: whoever is on the network would reach it, and no proxy
/// is in front of it. Nothing where it may.
std::optional<std::string> why_not_there(const std::vector<std::string>& places, const config::Web& settings);
/// What web.listen has and nobody listens on, in a sentence; nothing where there is no such place.
std::optional<std::string> what_is_missing(const std::vector<std::string>& places,
                                           const config::Web& settings);

/// "http://127.0.0.1:8420/link/TOKEN", by a name that the page answers for; where it listens on paths only,
/// "http://localhost/link/TOKEN", which whoever leads there (curl --unix-socket, ssh -L, a proxy) can use.
std::string link_text(const std::vector<std::string>& places, const config::Web& settings,
                      const std::string& token);

}  // namespace batchd
