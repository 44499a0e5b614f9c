#include "http/watchdog.hpp"

#include <optional>

#include <boost/asio/steady_timer.hpp>

namespace batchd::http {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Watchdog::State {
    boost::asio::steady_timer timer;
    Millis limit;
    std::function<void()> give_up;
    std::optional<SteadyTime> since;  ///< when the operation under way began
    bool looks = false;               ///< the timer runs
    bool has_given_up = false;

    /// Looks again at `at`. The look holds the state, and nothing else: it may come after the watchdog's end.
    static void look_at(const std::shared_ptr<State>& state, SteadyTime at) {
        state->looks = true;
        state->timer.expires_at(at);
        state->timer.async_wait([state](const boost::system::error_code& ec) {
            if (!ec) look(state);
        });
    }

    static void look(const std::shared_ptr<State>& state) {
        const SteadyTime now = std::chrono::steady_clock::now();
        const SteadyTime due = state->since.value_or(now) + state->limit;
        if (!state->looks) return;  // rest() came between the timer's end and this call
        if (now < due) return look_at(state, due);
        state->looks = false;
        state->has_given_up = true;
        state->give_up();
    }
};

Watchdog::Watchdog(boost::asio::any_io_executor executor, Millis limit, std::function<void()> give_up)
    : state_(std::make_shared<State>(
          State{boost::asio::steady_timer(std::move(executor)), limit, std::move(give_up), std::nullopt})) {}

Watchdog::~Watchdog() {
    rest();
}

void Watchdog::begin() {
    state_->since = std::chrono::steady_clock::now();
    // A look that is under way already sees the new time when it comes, so that a busy connection costs no
    // timer for each read.
    if (!state_->looks) State::look_at(state_, *state_->since + state_->limit);
}

void Watchdog::end() {
    state_->since.reset();
}

void Watchdog::rest() {
    state_->since.reset();
    state_->looks = false;
    state_->timer.cancel();
}

bool Watchdog::has_given_up() const {
    return state_->has_given_up;
}

}  // namespace batchd::http
