#include "torture/kill_point.hpp"

#include <fcntl.h>

namespace batchd::torture {

bool leaves_a_trace(const Call& call, const Path& root) {
    if (!lasting_effects().contains(call.what->effect)) return false;
    if (is_socket(call.target)) return true;
    if (call.what->effect == Effect::open) {
        const auto flags = call.arguments[call.what->directory == 0 ? 2 : 1];
        if ((flags & (O_CREAT | O_TRUNC)) == 0) return false;
    }
    const std::string base = root.string();
    return call.target == base || call.target.starts_with(base + "/spool") ||
           call.target.starts_with(base + "/state");
}

Order KillPoint::before(const Call& call) {
    if (!leaves_a_trace(call, root_)) return {};
    const Order order = pass(call, "before ");
    if (order.kind == Order::Kind::go && is_socket(call.target)) return {Order::Kind::watch};
    return order;
}

Order KillPoint::after(const Call& call, std::int64_t) {
    return pass(call, "after ");
}

Order KillPoint::pass(const Call& call, const char* when) {
    if (count_++ != at_) return {};
    where_ = when + to_string(call);
    return {then_};
}

}  // namespace batchd::torture
