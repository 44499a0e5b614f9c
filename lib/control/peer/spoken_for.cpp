#include "control/peer/spoken_for.hpp"

#include <charconv>
#include <optional>

#include <unistd.h>

#include "base/log.hpp"
#include "http/header/url.hpp"

namespace batchd::control {
namespace {

constexpr std::string_view kFor = "for=";
/// As batchd-web.service has it.
constexpr std::string_view kPageUser = "batchd-web";
// An address of somebody's mail, and more; what is longer is no name.
constexpr std::size_t kNameMax = 100;

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(1)) {
        if (text.front() != '%') {
            out += text.front();
            continue;
        }
        unsigned byte = 0;
        const char* const first = text.data() + 1;
        if (text.size() < 3 || std::from_chars(first, first + 2, byte, 16).ptr != first + 2)
            return std::nullopt;
        out += static_cast<char>(byte);
        text.remove_prefix(2);
    }
    return out;
}

bool may_speak_for_others(const server::Peer& peer, const std::string& by) {
    if (!peer.uid) return false;
    return *peer.uid == 0 || *peer.uid == ::geteuid() || by == kPageUser;
}

}  // namespace

std::string spoken_for_query(std::string_view user) {
    if (user.empty()) return {};
    return "?" + std::string(kFor) + http::percent_encode(user);
}

std::string user_of(std::string_view query, const server::Peer& peer, const std::string& by) {
    if (!query.starts_with(kFor) || !may_speak_for_others(peer, by)) return by;
    const auto name = decoded(query.substr(kFor.size()));
    if (!name || name->empty() || name->size() > kNameMax) return by;
    return printable(*name) + " (by " + by + ")";
}

}  // namespace batchd::control
