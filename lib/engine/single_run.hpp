#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Why nothing goes on at an account before somebody acts.
struct Closed {
    std::string why;
    bool may_pass = false;  ///< as a spent quota does when money comes; false: only a person mends it
};
/// Of the account of this name; nothing where it may be called.
using WhyClosed = std::function<std::optional<Closed>(const std::string& account)>;

/// When a run that works until all is done (`run --once`) is over. It does not wait for what only a person or
/// another day can bring: then it ends, says why, and the next run goes on. Nor does it wait for ever for
/// what is left of jobs that have ended to be cleaned away: their answers are there.
class SingleRun {
public:
    /// All of it outlives the run. `inbox_is_empty`: whatever was dropped is taken.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        Wakes& wakes;
        WhyClosed why_closed;
        std::function<bool()> inbox_is_empty;
    };
    explicit SingleRun(Ports ports) : ports_(std::move(ports)) {}

    /// Returns why it is over before all jobs have ended; nothing where they have. What is left to be cleaned
    /// away then is said.
    boost::asio::awaitable<std::optional<std::string>> until_over();

private:
    /// What is left to be cleaned away. Another one is one that goes on.
    struct Cleaning {
        std::uint64_t left = 0;  ///< work directories, and files at providers that nothing uses
        std::uint64_t deletions = 0;
        friend bool operator==(const Cleaning&, const Cleaning&) = default;
    };
    /// Of what is left nothing goes on, for now.
    struct Stuck {
        std::string why;
        Millis patience{0};
        std::optional<Cleaning> cleaning{};  ///< that is waited for
        bool is_done = false;                ///< the jobs have all ended
    };
    /// No file waits in the inbox, and no command in the database.
    bool nothing_is_asked() const;
    /// Nothing is left to be done by anybody, the cleaning included.
    bool all_ended() const;
    /// Why nothing goes on; nothing where something may.
    std::optional<Stuck> stuck() const;
    std::optional<Stuck> stuck_at_cleaning(bool waits_for_money) const;
    /// Nothing where the database can't be read.
    std::optional<Cleaning> cleaning() const;
    std::optional<Stuck> stuck_at(const store::Batches::Left& left) const;

    const Ports ports_;
};

}  // namespace batchd::engine
