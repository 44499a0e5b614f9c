#include "hooks/hook_runner.hpp"

#include <boost/json/serialize.hpp>

#include "base/backoff.hpp"
#include "control/client.hpp"
#include "control/notices_query.hpp"
#include "hooks/hook_environment.hpp"
#include "notify/choice.hpp"

namespace batchd::hooks {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

// What fails three times most likely fails for good, and others wait behind it.
constexpr unsigned kTriesMax = 3;
// A question that is held open costs nothing, and brings a notice in the moment in which it comes.
constexpr Millis kWait = 30s;
constexpr Millis kPatience = 60s;  // longer than the daemon waits for a notice
constexpr Backoff kBackoff{1s, 60s};

}  // namespace

HookRunner::HookRunner(const HookPorts& ports, std::string name, config::NotifyTarget target)
    : ports_(ports),
      name_(std::move(name)),
      target_(std::move(target)),
      file_(ports_.state / (name_ + ".cursor")) {}

asio::awaitable<void> HookRunner::run() {
    co_await begin();
    for (;;) {
        const NoticePage page = co_await next_page();
        co_await follow(page.from);
        for (const HookNotice& notice : page.notices) {
            const notify::Subject subject{notice.type, notice.queue, notice.target};
            // One that was out of the configuration for a time and came back is told from then on.
            const bool is_before_it = page.begin && notice.id <= *page.begin;
            if (!is_before_it && notify::is_for(subject, name_, target_)) co_await run_for(notice);
            // What is not for it moves the cursor in memory only: to find out the same once more after a
            // restart costs nothing, and a sync for each would.
            cursor_ = cursor_behind(notice);
        }
        if (!page.notices.empty()) co_await save(cursor_);
    }
}

asio::awaitable<void> HookRunner::follow(Cursor from) {
    if (from.after != cursor_.after) {
        say(LogLevel::warning,
            "the daemon's database is another one than before, or an older copy: it goes on "
            "behind notice " +
                std::to_string(from.after));
        co_await save(std::move(from));
    } else if (cursor_.key.empty() && !from.key.empty()) {
        // As long as this is the database by which the cursor was saved.
        from.failed = cursor_.failed;
        co_await save(std::move(from));
    }
}

asio::awaitable<void> HookRunner::begin() {
    for (unsigned failures = 1;; ++failures) {
        const auto cursor = load_cursor(file_);
        if (cursor) {
            has_begun_ = cursor->has_value();
            cursor_ = cursor->value_or(Cursor{});
            co_return;
        }
        // Nothing is run before it is known where to begin: from 0 it would be all that ever happened.
        say(LogLevel::error, to_string(cursor.error()));
        co_await ports_.clock.sleep_for(kBackoff.delay(failures, random_jitter()));
    }
}

asio::awaitable<NoticePage> HookRunner::next_page() {
    std::string said;
    for (unsigned failures = 1;; ++failures) {
        // The first time it asks where it begins: what came before its configuration is not for it.
        control::NoticesQuery query{cursor_.after, has_begun_ ? kWait : Millis{0}, name_, cursor_.key,
                                    cursor_.at};
        control::JsonCall asked{"GET", control::notices_path(query)};
        const auto answer = co_await ask(std::move(asked));
        auto page = answer ? read_notice_page(answer->body) : Result<NoticePage>(answer.error());
        if (page && !has_begun_ && !page->begin)
            page = error(Errc::not_found, "the daemon does not know [notify." + name_ +
                                              "] yet: `systemctl reload batchd` has it read again");
        if (page && has_begun_) co_return std::move(*page);
        if (page) {
            has_begun_ = true;
            // Its key comes with the next answer; until then this time tells another database.
            Cursor first{*page->begin, 0, {}, ports_.clock.now()};
            co_await save(std::move(first));
            continue;
        }
        const std::string why = to_string(page.error());
        if (why != said) say(LogLevel::warning, why);
        said = why;
        co_await ports_.clock.sleep_for(kBackoff.delay(failures, random_jitter()));
    }
}

asio::awaitable<void> HookRunner::run_for(const HookNotice& notice) {
    unsigned failed = cursor_.failed;
    while (failed < kTriesMax) {
        const CommandOutcome outcome = co_await run_once(notice);
        // First what counts, then what is told: a kill in between must not make it run once more.
        failed = outcome.end == CommandEnd::failed ? failed + 1 : kTriesMax;
        const bool is_over = failed >= kTriesMax;
        Cursor next = is_over ? cursor_behind(notice) : cursor_;
        if (!is_over) next.failed = failed;
        co_await save(std::move(next));
        co_await report(notice, outcome);
        if (!is_over) co_await ports_.clock.sleep_for(kBackoff.delay(failed, random_jitter()));
    }
}

asio::awaitable<CommandOutcome> HookRunner::run_once(const HookNotice& notice) {
    // Bounded for all hooks together: a night of a thousand jobs must not start a thousand programs at
    // once.
    const Turnstile::Pass pass = co_await ports_.turnstile.enter();
    CommandToRun run{target_.command, json::serialize(notice.event) + "\n", hook_environment(notice),
                     target_.timeout};
    co_return co_await run_command(std::move(run), ports_.clock);
}

asio::awaitable<void> HookRunner::report(const HookNotice& notice, const CommandOutcome& outcome) {
    const bool ok = outcome.end == CommandEnd::succeeded;
    const std::string text = "notify." + name_ + ": notice " + std::to_string(notice.id) + " (" +
                             notice.type + "): " + outcome.text;
    ports_.log.write(ok ? LogLevel::info : LogLevel::warning, ok ? "hook_run" : "hook_failed", {}, text);
    json::object body{{"ok", ok}, {"job", nullptr}, {"detail", text}};
    if (const auto* const job = notice.event.if_contains("job"); job != nullptr && job->is_object())
        if (const auto* const id = job->get_object().if_contains("id")) body["job"] = *id;
    // A daemon that is just being restarted should know of it as well. What is told twice, because its answer
    // was lost, is two events and no second run.
    for (unsigned failures = 1; failures <= kTriesMax; ++failures) {
        control::JsonCall asked{"POST", "/v1/hooks", json::serialize(body)};
        const auto told = co_await ask(std::move(asked));
        if (told) co_return;
        say(LogLevel::warning, "the daemon was not told: " + to_string(told.error()));
        if (failures < kTriesMax) co_await ports_.clock.sleep_for(kBackoff.delay(failures, random_jitter()));
    }
}

asio::awaitable<Result<control::JsonAnswer>> HookRunner::ask(control::JsonCall asked) {
    auto connection = control::connect(ports_.socket, std::nullopt);
    if (!connection) co_return connection.error();
    auto answer = co_await control::call(std::move(*connection), std::move(asked), kPatience);
    // A daemon that is being updated answers with another status for a moment; the command is not run, and
    // nothing is passed over.
    if (answer && answer->status != 200)
        co_return error(Errc::protocol, "the daemon answered " + std::to_string(answer->status) + ": " +
                                            json::serialize(answer->body));
    co_return answer;
}

asio::awaitable<void> HookRunner::save(Cursor cursor) {
    cursor_ = std::move(cursor);
    for (unsigned failures = 1;; ++failures) {
        const auto saved = save_cursor(file_, cursor_);
        if (saved) co_return;
        // Going on without would run commands again after a restart.
        say(LogLevel::error, to_string(saved.error()));
        co_await ports_.clock.sleep_for(kBackoff.delay(failures, random_jitter()));
    }
}

void HookRunner::say(LogLevel level, const std::string& text) const {
    ports_.log.write(level, "waiting", {}, "notify." + name_ + ": " + text);
}

}  // namespace batchd::hooks
