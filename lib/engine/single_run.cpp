#include "engine/single_run.hpp"

#include <algorithm>

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

constexpr const char* kMoney =
    "what is left waits for money: `batchd status` says for how much, and until when";
constexpr const char* kHeld = "what is left is held: `batchd status` says why, and what to do about it";

}  // namespace

asio::awaitable<std::optional<std::string>> SingleRun::until_over() {
    std::optional<Millis> stuck_since;
    while (!all_ended()) {
        const auto now_stuck = stuck();
        if (!now_stuck) {
            stuck_since.reset();
            co_await ports_.wakes.finisher.wait();
            continue;
        }
        const Millis now = ports_.clock.uptime();
        if (!stuck_since) stuck_since = now;
        const Millis left = *stuck_since + now_stuck->patience - now;
        if (left <= Millis{0}) co_return now_stuck->why;
        co_await ports_.wakes.finisher.wait_for(ports_.clock, left);
    }
    co_return std::nullopt;
}

/// A command that was given while the run was on its way is obeyed before it ends.
bool SingleRun::nothing_is_asked() const {
    if (!ports_.inbox_is_empty()) return false;
    const auto asked = ports_.store.commands.open(1);
    return asked && asked->empty();
}

bool SingleRun::all_ended() const {
    if (!nothing_is_asked()) return false;
    const auto counts = ports_.store.jobs.count();
    const auto unused_files = ports_.store.unused_files.count();
    const auto bundles = ports_.store.bundles.count();
    return bundles && *bundles == 0 && counts && counts->open == 0 && counts->to_clean == 0 && unused_files &&
           *unused_files == 0;
}

std::optional<SingleRun::Stuck> SingleRun::stuck() const {
    if (!nothing_is_asked()) return std::nullopt;
    const auto left = ports_.store.batches.what_is_left();
    // Where the database can't be read nobody knows, and the run goes on.
    if (!left || left->moves) return std::nullopt;
    if (auto at = stuck_at(*left)) return at;
    if (!left->accounts.empty() || !left->waits_for_money) return std::nullopt;
    // Nobody is called for what waits for money, so that what has ended can be cleaned away first.
    const auto counts = ports_.store.jobs.count();
    return counts && counts->to_clean == 0 ? std::optional(Stuck{kMoney}) : std::nullopt;
}

/// Of batches: nothing where one of them goes on, or there is none.
std::optional<SingleRun::Stuck> SingleRun::stuck_at(const store::Batches::Left& left) const {
    std::optional<Stuck> stuck;
    // What is held may go on by itself for a while: it is looked for again and again.
    if (left.is_held) stuck = Stuck{kHeld, ports_.settings.retry.result_patience};
    for (const std::string& account : left.accounts) {
        auto closed = ports_.why_closed(account);
        if (!closed) return std::nullopt;
        const Millis patience = closed->may_pass ? ports_.settings.retry.result_patience : Millis{0};
        if (!stuck) stuck = Stuck{std::move(closed->why), patience};
        // The longest: as long as one of them may come back, the others are not given up.
        stuck->patience = std::max(stuck->patience, patience);
    }
    return stuck;
}

}  // namespace batchd::engine
