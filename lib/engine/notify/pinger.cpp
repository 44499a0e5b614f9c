#include "engine/notify/pinger.hpp"

#include <boost/asio/this_coro.hpp>

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// What happens within it is one sign of life: jobs may end by the thousand.
constexpr Millis kPauseMin = std::chrono::seconds(1);

/// Keeps a trouble for as long as it lives.
class Trouble {
public:
    explicit Trouble(Journal& journal) : journal_(journal) {}
    Trouble(const Trouble&) = delete;
    Trouble& operator=(const Trouble&) = delete;
    ~Trouble() { journal_.end_trouble(this); }

    void tell(const std::string& why) {
        if (why.empty())
            journal_.end_trouble(this);
        else
            journal_.keep_trouble(this, why);
        // Said once, for the pings go on.
        if (!why.empty() && why != told_) journal_.note(EventKind::waiting, why);
        told_ = why;
    }

private:
    Journal& journal_;
    std::string told_;
};

bool has_nothing_to_look_at(store::Store& store) {
    const auto watched = store.batches.count_watched();
    return watched && *watched == 0;
}

}  // namespace

asio::awaitable<void> ping(PingPorts ports, Sender& sender, std::string name, config::NotifyTarget target) {
    Wake wake(co_await asio::this_coro::executor);
    const WakeLine::Place place(ports.alive, wake);
    Trouble trouble(ports.journal);
    for (;;) {
        const bool is_alive = co_await wake.wait_for(ports.clock, ports.settings.poll.interval);
        // Batches are in flight and no look at them has succeeded: that silence is what the other side is to
        // notice.
        if (!is_alive && !has_nothing_to_look_at(ports.store)) continue;
        const notify::SendResult verdict = co_await sender.send(name, target, {});
        trouble.tell(verdict.got_through ? "" : "notify." + name + ": " + verdict.why);
        co_await ports.clock.sleep_for(kPauseMin);
    }
}

}  // namespace batchd::engine
