#include "engine/pack/packer.hpp"

#include <algorithm>
#include <set>

namespace batchd::engine {
namespace {

constexpr unsigned kSeveralAtOnce = 3;  // of several go without a pause
constexpr Millis kFirstPause = std::chrono::seconds(1);
constexpr Millis kLongestPause = std::chrono::seconds(30);  // a batch takes minutes whenever it leaves
/// So long after the end of a pause nothing came: the next one goes at once again.
constexpr Millis kQuiet = std::chrono::seconds(2);
/// Single ones in a row, and how long it takes until there may be one more: 1,800 an hour.
constexpr std::uint64_t kSinglesMax = 150;
constexpr Millis kSinglePause = std::chrono::seconds(2);

/// A pack that grows.
class Open {
public:
    explicit Open(const PackLimits& limits) : limits_(limits) {}

    bool takes(const store::Sharing& more) const {
        // What is larger than the limits goes by itself, and is judged where it is sent.
        if (pack_.members.empty()) return true;
        return requests_ + more.requests <= limits_.requests && bytes_ + grown(more) <= limits_.size_bytes &&
               (!limits_.tokens || tokens_ + more.estimated_tokens <= *limits_.tokens) &&
               !jobs_.contains(more.job);
    }
    void take(const store::Sharing& more) {
        requests_ += more.requests;
        bytes_ += grown(more);
        tokens_ += more.estimated_tokens;
        jobs_.insert(more.job);
        pack_.members.push_back(more);
    }
    Pack close(bool is_full) {
        pack_.is_full = is_full;
        return std::move(pack_);
    }
    bool is_empty() const { return pack_.members.empty(); }

private:
    // Reckoned with the longest id: a little room is left, and no batch is refused for a few bytes too many.
    static std::uint64_t grown(const store::Sharing& part) {
        return part.size_bytes + part.requests * kIdBytesMax;
    }

    const PackLimits& limits_;
    Pack pack_;
    std::uint64_t requests_ = 0, bytes_ = 0, tokens_ = 0;
    std::set<store::JobId> jobs_;
};

}  // namespace

std::vector<Pack> pack(std::span<const store::Sharing> waiting, const PackLimits& limits, bool is_all) {
    std::vector<Pack> packs;
    std::optional<Open> open;
    for (const store::Sharing& part : waiting) {
        // The one that does not fit begins the next pack, and nothing smaller from behind it is taken in its
        // place: nobody is overtaken again and again.
        if (open && !open->takes(part)) {
            packs.push_back(open->close(true));
            open.reset();
        }
        if (!open) open.emplace(limits);
        open->take(part);
    }
    if (open && (is_all || packs.empty())) packs.push_back(open->close(!is_all));
    return packs;
}

Millis PackPace::pause() const {
    if (in_a_row_ < kSeveralAtOnce) return Millis{0};
    // Bounded before the shift: a long row of batches must not shift by more bits than there are.
    const unsigned doublings = std::min(in_a_row_ - kSeveralAtOnce, 8U);
    return std::min(kLongestPause, kFirstPause * (1 << doublings));
}

std::uint64_t PackPace::singles_left(Millis now) const {
    const auto made_up = static_cast<std::uint64_t>((now - last_single_) / kSinglePause);
    return kSinglesMax - (singles_ > made_up ? singles_ - made_up : 0);
}

Millis PackPace::wait(bool is_single, Millis now) const {
    if (is_single && singles_left(now) > 0) return Millis{0};
    return in_a_row_ == 0 ? Millis{0} : std::max(Millis{0}, last_ + pause() - now);
}

void PackPace::went(bool is_single, Millis now) {
    if (is_single && singles_left(now) > 0) {
        // What time has made up for is taken off for good, because the time begins to count anew here.
        singles_ = kSinglesMax - singles_left(now) + 1;
        last_single_ = now;
        return;
    }
    const bool was_quiet = in_a_row_ > 0 && now > last_ + pause() + kQuiet;
    in_a_row_ = was_quiet ? 1 : in_a_row_ + 1;
    last_ = now;
}

}  // namespace batchd::engine
