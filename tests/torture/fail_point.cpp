#include "torture/fail_point.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "torture/kill_point.hpp"

namespace batchd::torture {
namespace {

constexpr int kShort = 0;  // in a list of errors: no error, but half of the write

/// Only what says how much it has done, and may be asked again.
bool can_be_short(const Call& call) {
    const bool is_plain =
        std::strcmp(call.what->name, "write") == 0 || std::strcmp(call.what->name, "pwrite64") == 0;
    return is_plain && call.arguments[2] > 1;
}

}  // namespace

bool FailPoint::concerns_us(const Call& call) {
    const bool is_ours = call.target.starts_with(root_.string());
    has_begun_ = has_begun_ || call.target.starts_with((root_ / "state").string());
    if (call.what->effect == Effect::acquire || call.what->effect == Effect::map) return has_begun_;
    return is_ours || is_socket(call.target);
}

Order FailPoint::before(const Call& call) {
    if (!concerns_us(call)) return {};
    std::vector<int> ways = errors_of(call);
    if (can_be_short(call)) ways.push_back(kShort);
    const std::uint64_t first = count_;
    count_ += ways.size();
    const bool is_first = at_ >= first && at_ < count_;
    if (is_first) {
        way_ = ways[at_ - first];
        effect_ = call.what->effect;
        what_ =
            (way_ == kShort ? "half of " : std::string(strerrorname_np(way_)) + " for ") + to_string(call);
    }
    const bool is_another = !what_.empty() && left_ > 0 && call.what->effect == effect_ &&
                            std::find(ways.begin(), ways.end(), way_) != ways.end();
    return is_first || is_another ? fail() : Order{};
}

Order FailPoint::fail() {
    --left_;
    if (way_ == kShort) return {Order::Kind::shorten};
    return {Order::Kind::fail, way_};
}

}  // namespace batchd::torture
