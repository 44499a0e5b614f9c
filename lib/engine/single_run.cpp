#include "engine/single_run.hpp"

#include <algorithm>

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

constexpr const char* kMoney =
    "what is left waits for money: `batchd status` says for how much, and until when";
constexpr const char* kHeld = "what is left is held: `batchd status` says why, and what to do about it";

constexpr const char* kUnclean =
    "all jobs have ended, and what is left of them at the provider or in work/ can't be removed now; "
    "the next run goes on with it";
// However short the pauses are: a machine that has much to do deletes slowly.
constexpr Millis kCleaningMin = std::chrono::minutes(1);

}  // namespace

asio::awaitable<std::optional<std::string>> SingleRun::until_over() {
    std::optional<Millis> stuck_since;
    std::optional<Cleaning> cleaning;
    while (!all_ended()) {
        const auto now_stuck = stuck();
        if (!now_stuck) {
            stuck_since.reset();
            co_await ports_.wakes.finisher.wait();
            continue;
        }
        const Millis now = ports_.clock.uptime();
        if (!stuck_since || now_stuck->cleaning != cleaning) stuck_since = now;
        cleaning = now_stuck->cleaning;
        const Millis left = *stuck_since + now_stuck->patience - now;
        if (left <= Millis{0}) {
            if (!now_stuck->is_done) co_return now_stuck->why;
            ports_.journal.note(EventKind::waiting, now_stuck->why);
            co_return std::nullopt;
        }
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
    const auto to_clean = cleaning();
    return counts && counts->open == 0 && to_clean && to_clean->left == 0;
}

std::optional<SingleRun::Cleaning> SingleRun::cleaning() const {
    const auto counts = ports_.store.jobs.count();
    const auto unused_files = ports_.store.unused_files.count();
    const auto bundles = ports_.store.bundles.count();
    if (!counts || !unused_files || !bundles) return std::nullopt;
    return Cleaning{counts->to_clean + *unused_files + *bundles, ports_.wakes.deletions};
}

std::optional<SingleRun::Stuck> SingleRun::stuck() const {
    if (!nothing_is_asked()) return std::nullopt;
    const auto left = ports_.store.batches.what_is_left();
    // Where the database can't be read nobody knows, and the run goes on.
    if (!left || left->moves) return std::nullopt;
    if (auto at = stuck_at(*left)) return at;
    if (!left->accounts.empty()) return std::nullopt;
    return stuck_at_cleaning(left->waits_for_money);
}

/// Nobody is called for what waits for money, or for what is done, so that what has ended can be cleaned away
/// first; but a provider that does not delete may do so for years, and nobody waits for it.
std::optional<SingleRun::Stuck> SingleRun::stuck_at_cleaning(bool waits_for_money) const {
    const auto to_clean = cleaning();
    if (!to_clean) return std::nullopt;
    if (to_clean->left == 0) return waits_for_money ? std::optional(Stuck{kMoney}) : std::nullopt;
    // The longest pause between two tries of a call, so that each has had one more.
    const Millis patience = std::max(ports_.settings.retry.max_backoff, kCleaningMin);
    return Stuck{waits_for_money ? kMoney : kUnclean, patience, to_clean, !waits_for_money};
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
