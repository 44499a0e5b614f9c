#include "web/pages/pages.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "web/pages/job_view.hpp"
#include "web/pages/jobs_page.hpp"
#include "web/pages/other_pages.hpp"
#include "web/pages/request_page.hpp"
#include "web/pages/spending_page.hpp"
#include "web/pages/submit_page.hpp"
#include "web/request/number.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace {

constexpr std::size_t kEventsShown = 200;
constexpr std::string_view kJobs = "/jobs/";

/// Whatever goes wrong with one of them goes wrong with the page.
Result<SpendingViews> read_views(store::Store& store, TimePoint since) {
    auto by_day = report::read_spending(store, store::SpendingBy::day, since);
    if (!by_day) return by_day.error();
    auto by_model = report::read_spending(store, store::SpendingBy::model, since);
    if (!by_model) return by_model.error();
    auto by_queue = report::read_spending(store, store::SpendingBy::queue, since);
    if (!by_queue) return by_queue.error();
    return SpendingViews{std::move(*by_day), std::move(*by_model), std::move(*by_queue)};
}

}  // namespace

/// 503 for the rest: it is nothing that the asker has done wrong, and it may work next time.
unsigned status_of(const Error& failure) {
    if (failure.code == Errc::not_found) return 404;
    if (failure.code == Errc::illegal) return 403;
    if (failure.code == Errc::bad_input) return 400;
    if (failure.code == Errc::too_large) return 413;
    if (failure.code == boost::system::errc::no_space_on_device) return 507;
    return 503;
}

server::Answer failure_page(const Room& room, const AccessDecision& decision, const Error& failure) {
    return html_answer(status_of(failure),
                       message_page(room.frame(decision), "That did not work", to_string(failure)));
}

server::Answer no_state_page(const Room& room, const AccessDecision& decision, const Error& failure) {
    return html_answer(
        503, message_page(room.frame(decision), "There is nothing to show yet", to_string(failure)));
}

Pages::Answered Pages::get(const server::RequestHead& head, const AccessDecision& decision) {
    const std::string_view path = head.path;
    // Everything that needs no file of a job is answered without waiting.
    if (!path.starts_with(kJobs)) co_return page(head, decision);
    const std::string_view rest = path.substr(kJobs.size());
    const auto id = parse_number(rest.substr(0, rest.find('/')));
    const std::string_view below = rest.substr(std::min(rest.find('/'), rest.size()));
    if (id && below.empty()) co_return co_await job(*id, decision);
    if (id && below == "/request") co_return co_await request(*id, head.query, decision);
    co_return page(head, decision);
}

server::Answer Pages::page(const server::RequestHead& head, const AccessDecision& decision) {
    const auto store = room_.state.look();
    if (!store) {
        // It is said, and what needs no state still works.
        if (head.path == "/submit")
            return html_answer(200, submit_page(room_.frame(decision), nullptr, queue_names()));
        return no_state_page(room_, decision, store.error());
    }
    return head.path == "/" ? jobs(head, decision, **store) : other(head, decision, **store);
}

server::Answer Pages::jobs(const server::RequestHead& head, const AccessDecision& decision,
                           store::Store& store) {
    const store::JobSearch search = search_of(Fields::parse(head.query));
    const auto status =
        // The tokens at the providers are on no page but theirs, and cost a walk over all batches.
        report::read_found(store, room_.settings, search, room_.clock.now(), report::Enqueued::skip);
    if (status) return html_answer(200, jobs_page(room_.frame(decision), *status, search, queue_names()));
    room_.state.forget();
    return failure_page(room_, decision, status.error());
}

server::Answer Pages::other(const server::RequestHead& head, const AccessDecision& decision,
                            store::Store& store) {
    const Frame frame = room_.frame(decision);
    store::JobSearch none;
    none.count_max = 0;
    // Only this page shows them.
    const auto enqueued = head.path == "/providers" ? report::Enqueued::read : report::Enqueued::skip;
    const auto status = report::read_found(store, room_.settings, none, room_.clock.now(), enqueued);
    if (!status) {
        room_.state.forget();
        return failure_page(room_, decision, status.error());
    }
    if (head.path == "/submit") return html_answer(200, submit_page(frame, &*status, queue_names()));
    if (head.path == "/providers") return html_answer(200, providers_page(frame, *status, room_.settings));
    if (head.path == "/about") return html_answer(200, about_page(frame, *status, room_.settings));
    if (head.path == "/queues") return queues(decision, *status, store);
    if (head.path == "/events") return events(decision, *status, store);
    if (head.path == "/spending") return spending(decision, *status, store, head.query);
    return html_answer(404,
                       message_page(frame, "There is nothing here", "The address is none of this page's."));
}

server::Answer Pages::queues(const AccessDecision& decision, const report::Status& status,
                             store::Store& store) {
    const auto all = report::read_queues(&store, room_.settings);
    if (!all) return failure_page(room_, decision, all.error());
    return html_answer(200, queues_page(room_.frame(decision), status, *all));
}

server::Answer Pages::events(const AccessDecision& decision, const report::Status& status,
                             store::Store& store) {
    const auto after = store::before_last_events(store.database, std::nullopt, kEventsShown);
    const auto all =
        after ? store::events_after(store.database, *after, std::nullopt, TimePoint{}, kEventsShown)
              : Result<std::vector<store::LoggedEvent>>(after.error());
    if (!all) return failure_page(room_, decision, all.error());
    return html_answer(200, events_page(room_.frame(decision), status, *all));
}

server::Answer Pages::spending(const AccessDecision& decision, const report::Status& status,
                               store::Store& store, const std::string& query) {
    const SpendingTime time = SpendingTime::of(Fields::parse(query));
    const auto views = read_views(store, time.since(room_.clock.now()));
    if (!views) return failure_page(room_, decision, views.error());
    return html_answer(200, spending_page(room_.frame(decision), status, *views, time));
}

Pages::Answered Pages::job(std::int64_t id, const AccessDecision& decision) {
    const Frame frame = room_.frame(decision);
    JobView view(room_, frame, id);
    const auto seen = co_await view.look();
    if (!seen) co_return no_state_page(room_, decision, seen.error());
    if (!*seen)
        co_return failure_page(room_, decision,
                               error(Errc::not_found, "there is no job " + std::to_string(id)));
    const JobView::Look& look = **seen;
    co_return html_answer(200, job_page(frame, look.status, look.files));
}

Pages::Answered Pages::request(std::int64_t id, const std::string& query, const AccessDecision& decision) {
    if (!room_.settings.web.show_requests)
        co_return failure_page(room_, decision,
                               // Here as well as in the form: an address can be typed.
                               error(Errc::illegal, "requests are not shown: web.show_requests is false"));
    const Fields fields = Fields::parse(query);
    const auto line = parse_number(fields["line"]);
    const WantedRequest wanted{fields["id"], static_cast<std::uint64_t>(line.value_or(0))};
    const auto store = room_.state.look();
    const auto job =
        store ? (*store)->jobs.find(store::JobId{id}) : Result<std::optional<store::Job>>(store.error());
    if (!job) co_return no_state_page(room_, decision, job.error());
    if (!*job || (wanted.custom_id.empty() && !line))
        co_return failure_page(room_, decision, error(Errc::not_found, "there is no such request"));
    const auto found = co_await run_blocking(room_.pool, [&] { return find_request(**job, wanted); });
    if (!found) co_return failure_page(room_, decision, found.error());
    const Frame frame = room_.frame(decision);
    // In the pool: a request of megabytes is read through to be shown with a line for each member.
    const Html shown = co_await run_blocking(room_.pool, [&] { return request_page(frame, **job, *found); });
    co_return html_answer(200, shown);
}

std::vector<std::string> Pages::queue_names() const {
    std::vector<std::string> names{"default"};
    for (const auto& [name, queue] : room_.settings.queues) names.push_back(name);
    return names;
}

}  // namespace batchd::web
