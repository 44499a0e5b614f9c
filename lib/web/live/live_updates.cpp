#include "web/live/live_updates.hpp"

#include "base/scope/counted.hpp"
#include "server/error_answer.hpp"
#include "spool/layout.hpp"
#include "spool/state/state_lock.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// What somebody does on one page shows on another before they have turned to it, and a look is one small
// read.
constexpr Millis kLookAgain = 400ms;
/// A client that is gone is noticed by what is sent to it.
constexpr Millis kSignOfLife = 15s;
constexpr Millis kTryAgain = 2s;
constexpr std::string_view kComment = ":\n\n";

}  // namespace

std::string event_of(const Html& html) {
    std::string event = "data: ";
    for (const char c : html.str())
        // A bare line break would end the field, and an empty line the event, in the middle of the page.
        if (c == '\n')
            event += "\ndata: ";
        else
            event += c;
    return event += "\n\n";
}

asio::awaitable<void> LiveUpdates::run() {
    const Path lock = spool::Layout{room_.settings.state.directory}.lock();
    std::optional<std::int64_t> seen;
    std::optional<long> daemon;
    for (;;) {
        co_await room_.clock.sleep_for(kLookAgain);
        // Without anybody who looks, the database is not asked either.
        if (streams_ == 0) continue;
        const auto read = room_.state.version();
        // SQLite counts the commits of other processes, so one number says whether anything changed;
        // whether the daemon runs stands in its lock and in no table. A state that can't be read is a version
        // of its own: what is shown then says so, and is made anew afterwards.
        const std::int64_t version = read ? *read : 0;
        const std::optional<long> pid = spool::StateLock::holder(lock);
        if (seen == version && pid == daemon) continue;
        seen = version;
        daemon = pid;
        forget_events();
        listeners_.raise_all();
    }
}

void LiveUpdates::forget_events() {
    events_.clear();
    // So that what is being made right now is not kept as if it were of after this change.
    ++changes_;
}

asio::awaitable<LiveUpdates::Event> LiveUpdates::event_for(const std::string& what, const Render& render) {
    const auto known = events_.find(what);
    if (known != events_.end()) co_return known->second;
    const std::uint64_t begun_at = changes_;
    const auto html = co_await render();
    // Nothing is sent then: the page keeps what it shows until it is tried again.
    if (!html) co_return nullptr;
    const auto event = std::make_shared<const std::string>(event_of(*html));
    // A change that came while it was made may not be in it: whoever is woken by that makes it again.
    if (begun_at != changes_) co_return event;
    // Whoever asks for another search each time must not fill the memory.
    if (events_.size() >= kStreamsMax) events_.clear();
    co_return events_.insert_or_assign(what, event).first->second;
}

asio::awaitable<void> LiveUpdates::stream(server::Exchange& exchange, asio::any_io_executor executor,
                                          std::string what, Render render) {
    if (streams_ >= kStreamsMax) {
        server::Answer busy = server::error_answer(503, "busy", "too many pages are open; reload by hand");
        co_return (void) co_await exchange.answer(std::move(busy));
    }
    // While nobody listened, nobody looked for changes.
    if (streams_ == 0) forget_events();
    const Counted counted(streams_);
    Wake wake(executor);
    // Before the first look, so that a change that comes while it is rendered is not missed.
    const WakeLine::Place place(listeners_, wake);
    server::AnswerHead head{
        .status = 200, .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}};
    add_safe_headers(head);
    auto sent = co_await exchange.begin(std::move(head));
    Event last;
    bool is_due = true;
    while (sent) {
        Event now;
        if (is_due) now = co_await event_for(what, render);
        // What could not be made is still owed: there may be no other change for hours.
        const bool is_owed = is_due && !now;
        // Most commits are of other jobs, and change nothing of what this page shows.
        const bool is_new = now && (!last || *now != *last);
        if (is_new) last = now;
        const std::string_view bytes = is_new ? std::string_view(*last) : kComment;
        sent = co_await exchange.send(bytes);
        if (!sent) break;
        is_due = co_await wake.wait_for(room_.clock, is_owed ? kTryAgain : kSignOfLife);
        is_due = is_due || is_owed;
    }
}

}  // namespace batchd::web
