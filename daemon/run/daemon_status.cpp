// What the running daemon tells of itself: the status line of the service, that it lives, and the table
// `conditions`.

#include "daemon/run/daemon.hpp"
#include "report/status/causes.hpp"

namespace batchd {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLineMax = 200;  // of what is waited for, and of what is left alone
constexpr Millis kTellInterval = 1s;   // the status of a busy daemon is not worth more

}  // namespace

std::vector<store::Condition> Daemon::conditions() const {
    std::vector<store::Condition> all = pipeline_->conditions();
    for (store::Condition& condition : accounts_.conditions()) all.push_back(std::move(condition));
    if (!configuration_complaint_.empty())
        all.push_back({.kind = "configuration",
                       .about = config_file_.value_or(Path(config::kDefaultFile)).string(),
                       .text = "the configuration is not taken over: " + configuration_complaint_});
    return all;
}

asio::awaitable<void> Daemon::tell_status() {
    engine::ConditionKeeper keeper(*store_, log_, *clock_);
    bool has_begun = false;
    std::string told;
    for (;;) {
        auto now = conditions();
        std::string text = status_line(now);
        // systemd keeps the last one, so that the same need not be sent again.
        if (text != told) service_.status(text);
        told = std::move(text);
        if (!has_begun) has_begun = static_cast<bool>(keeper.begin());
        const bool is_kept = has_begun && keeper.keep(std::move(now));
        // What could not be written is tried again; that it could not, the stages say where it matters.
        if (is_kept) co_await wakes_->observer.wait();
        co_await clock_->sleep_for(kTellInterval);
    }
}

std::string Daemon::status_line(const std::vector<store::Condition>& now) const {
    std::string text = printable(log_.redacted(pipeline_->status()));
    std::vector<store::Condition> clean = now;
    // Anybody may read the status of a service.
    for (store::Condition& condition : clean) condition.text = log_.redacted(condition.text);
    if (const std::string causes = report::cause_line(clean, kLineMax); !causes.empty())
        text += "; waiting: " + causes;
    // What is left alone is found by the intake, which writes its rows itself.
    if (const auto all = store_->conditions.all())
        if (const std::string left = report::left_alone_line(*all, kLineMax); !left.empty())
            text += "; " + left;
    return text;
}

asio::awaitable<void> Daemon::feed_watchdog(Millis interval) {
    for (;;) {
        service_.alive();
        // Fed by the one thread that does the work, so a loop that hangs is noticed. Half of the interval
        // is what systemd asks for. Source: sd_watchdog_enabled(3).
        co_await clock_->sleep_for(interval / 2);
    }
}

}  // namespace batchd
