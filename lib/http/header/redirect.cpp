#include "http/header/redirect.hpp"

#include <algorithm>
#include <array>

#include "base/text/letter_case.hpp"

namespace batchd::http {
namespace {

/// What stays is named and the rest goes, so that a header with another key in it can't be forgotten.
bool is_about_what_is_wanted(std::string_view name) {
    static constexpr std::array<std::string_view, 3> kNames = {"accept", "range", "if-range"};
    return is_any_word(name, kNames);
}

}  // namespace

bool is_redirect(const Response& response) {
    switch (response.status) {
        case 301:
        case 302:
        case 303:
        case 307:
        case 308:
            return !response.header("location").empty();
        default:
            return false;
    }
}

Result<Url> redirect_target(const Url& from, const Response& response) {
    auto to = resolve_location(from, response.header("location"));
    if (!to) return error(Errc::protocol, "redirected to nowhere: " + to.error().context);
    // Whatever the network is that lies between, the call that led here crossed it already.
    if (to->origin == from.origin) return to;
    const bool leaves_encryption = from.origin.scheme == Scheme::https || !is_loopback(to->origin.host);
    if (to->origin.scheme == Scheme::http && leaves_encryption)
        return error(Errc::protocol, "redirected to " + to_string(to->origin) + ", which is not encrypted");
    // What listens on this machine is no business of a server somewhere else.
    if (is_loopback(to->origin.host) && !is_loopback(from.origin.host))
        return error(Errc::protocol, "redirected to " + to_string(to->origin) + ", which is this machine");
    return to;
}

void drop_credentials(Request& request) {
    std::erase_if(request.headers,
                  [](const Header& header) { return !is_about_what_is_wanted(header.name); });
}

}  // namespace batchd::http
