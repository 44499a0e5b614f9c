#include "engine/notify/teller.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/backoff.hpp"
#include "notify/body/message.hpp"
#include "notify/choice.hpp"
#include "notify/pace.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// From a moment of trouble to a receiver that is down for a day.
constexpr Backoff kBackoff{1s, 5min};
// What a message can name in full is far less; the rest of an outage of days comes in the next ones.
constexpr std::size_t kSummedUpMax = 1000;
constexpr std::size_t kPage = 500;
// What is passed over is not worth a write to the disk each; a start looks at it once more.
constexpr std::int64_t kUnrecordedMax = 1000;

}  // namespace

Teller::Teller(const Ports& ports, Sender& sender, Wake& idle, std::string name, config::NotifyTarget target)
    : ports_(ports),
      sender_(sender),
      idle_(idle),
      name_(std::move(name)),
      target_(std::move(target)),
      is_summed_up_(notify::is_summed_up(*target_.kind)) {}

Teller::~Teller() {
    ports_.journal.end_trouble(this);
}

asio::awaitable<void> Teller::run() {
    Wake wake(co_await asio::this_coro::executor);
    const WakeLine::Place place(ports_.journal.noted(), wake);
    co_await begin();
    for (;;) {
        auto message = next_message();
        if (!message) {
            ports_.journal.keep_trouble(this, "notify." + name_ + ": " + to_string(message.error()));
            co_await ports_.clock.sleep_for(pause_after_failure({}));
            continue;
        }
        if (message->empty()) {
            become_idle(true);
            co_await wake.wait();
            become_idle(failures_ > 0);
            continue;
        }
        const Millis early = notify::pause_before_next(is_summed_up_, row_.told_at, ports_.clock.now());
        if (early > Millis{0}) {
            co_await ports_.clock.sleep_for(early);
            continue;  // what has come meanwhile is told with it
        }
        const notify::SendResult verdict = co_await sender_.send(name_, target_, *message);
        if (const auto settled = settle(*message, verdict); !settled)
            ports_.journal.keep_trouble(this, "notify." + name_ + ": " + to_string(settled.error()));
        if (!verdict.got_through) co_await ports_.clock.sleep_for(pause_after_failure(verdict.pause));
    }
}

asio::awaitable<void> Teller::begin() {
    for (;;) {
        auto row = ports_.store.targets.find_or_add(name_);
        if (row) {
            row_ = std::move(*row);
            recorded_ = row_.notice;
            co_return;
        }
        ports_.journal.keep_trouble(this, "notify." + name_ + ": " + to_string(row.error()));
        co_await ports_.clock.sleep_for(pause_after_failure({}));
    }
}

Result<std::vector<store::Notice>> Teller::next_message() {
    for (;;) {
        auto notices = find(is_summed_up_ ? kSummedUpMax : 1);
        if (!notices || notices->empty()) return notices;
        if (auto given_up = give_up(*notices); !given_up) return given_up.error();
        if (!notices->empty()) return notices;
    }
}

Result<std::vector<store::Notice>> Teller::find(std::size_t count_max) {
    std::vector<store::Notice> found;
    for (std::int64_t after = row_.notice;;) {
        auto page = ports_.store.notices.after(after, kPage);
        if (!page) return page.error();
        for (store::Notice& notice : *page) {
            after = notice.id;
            const notify::Subject subject{notice.type, notice.job.queue, notice.target};
            // Passed only before the first that is for it: the mark must not go beyond what is still to be
            // told.
            if (notify::is_for(subject, name_, target_))
                found.push_back(std::move(notice));
            else if (found.empty())
                if (auto passed = pass(after); !passed) return passed.error();
            if (found.size() == count_max) return found;
        }
        if (page->size() < kPage) return found;
    }
}

Result<void> Teller::pass(std::int64_t notice) {
    row_.notice = notice;
    if (notice - recorded_ < kUnrecordedMax) return {};
    auto recorded = ports_.store.targets.record_passed(name_, notice);
    if (recorded) recorded_ = notice;
    return recorded;
}

Result<void> Teller::give_up(std::vector<store::Notice>& notices) {
    const TimePoint now = ports_.clock.now();
    const auto is_over = [&](const store::Notice& notice) {
        return notify::is_given_up(notice.at, row_.failing_since, ports_.settings.notify.patience, now);
    };
    // They are in the order of their times, so that what is over stands in front.
    const auto first_left = std::find_if_not(notices.begin(), notices.end(), is_over);
    if (first_left == notices.begin()) return {};
    const std::int64_t last = std::prev(first_left)->id;
    const auto count = static_cast<std::size_t>(first_left - notices.begin());
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        ports_.journal.note(
            EventKind::notice_given_up,
            "notify." + name_ + ": " + count_of(count, "notice", "notices") + " given up: " + row_.error);
        return ports_.store.targets.record_passed(name_, last);
    });
    if (!recorded) return recorded;
    row_.notice = recorded_ = last;
    notices.erase(notices.begin(), first_left);
    return {};
}

Result<void> Teller::settle(const std::vector<store::Notice>& notices, const notify::SendResult& verdict) {
    const TimePoint now = ports_.clock.now();
    const std::int64_t last = notices.back().id;
    if (verdict.got_through) {
        // Even where it can't be recorded it is not told again before a restart.
        failures_ = 0;
        row_.notice = last;
        row_.told_at = now;
        row_.failing_since.reset();
        ports_.journal.end_trouble(this);
        auto recorded = ports_.store.targets.record_told(name_, last, now);
        if (recorded) recorded_ = last;
        return recorded;
    }
    const std::string trouble = "notify." + name_ + ": " + verdict.why;
    ports_.journal.keep_trouble(this, trouble);
    const bool is_new = failures_ == 0 || row_.error != verdict.why;
    if (!row_.failing_since) row_.failing_since = now;
    row_.error = verdict.why;
    ++failures_;
    become_idle(true);  // nobody can say when it will be told
    if (!is_new) return {};
    ports_.journal.note(EventKind::waiting, trouble + "; it is tried again");
    return ports_.store.targets.record_failure(name_, verdict.why, now);
}

void Teller::become_idle(bool is_idle) {
    is_idle_ = is_idle;
    if (is_idle) idle_.raise();
}

Millis Teller::pause_after_failure(std::optional<Millis> asked_for) {
    const Millis pause = kBackoff.delay(std::max(1U, failures_), random_jitter());
    return std::max(pause, asked_for.value_or(Millis{0}));
}

}  // namespace batchd::engine
