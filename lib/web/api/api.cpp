#include "web/api/api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/async/run_blocking.hpp"
#include "base/log.hpp"
#include "report/event_json.hpp"
#include "report/queues/queue_report.hpp"
#include "report/status/status.hpp"
#include "server/error_answer.hpp"
#include "store/query/find_dropped.hpp"
#include "web/command/ask_daemon.hpp"
#include "web/metrics/metrics.hpp"
#include "web/metrics/process_metrics.hpp"
#include "web/pages/jobs_page.hpp"
#include "web/pages/pages.hpp"
#include "web/request/number.hpp"
#include "web/safety/page_headers.hpp"
#include "web/submit/receive_file.hpp"

namespace batchd::web {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kApiJobs = "/api/v1/jobs/";
// Whoever wants more asks again, with the id of the last one as `after`.
constexpr std::size_t kEventsMax = 1000;
/// Jobs that have not ended, in one answer: a megabyte, and a twentieth of a second.
constexpr std::size_t kOpenMax = 1000;
/// How long a daemon that runs may take to claim what was dropped.
constexpr Millis kClaimPatience = 5s;
// The claim is seen in the database, which nobody is told of: so it is looked at again.
constexpr Millis kLookForJob = 50ms;

server::Answer failure(unsigned status, std::string_view code, std::string_view message) {
    server::Answer answer = server::error_answer(status, code, message);
    add_safe_headers(answer.head);
    return answer;
}

/// Words for programs. They are a part of the contract, and the texts beside them are not.
std::string_view word_for(unsigned status) {
    switch (status) {
        case 400:
            return "bad_request";
        case 403:
            return "refused";
        case 404:
            return "not_found";
        case 411:
            return "length_required";
        case 413:
            return "too_large";
        case 507:
            return "no_space";
        default:
            return "unavailable";
    }
}

server::Answer failure(const Error& error) {
    return failure(status_of(error), word_for(status_of(error)), to_string(error));
}

server::Answer wrong_method(std::string_view methods) {
    server::Answer answer = failure(405, "method", "what there is: " + std::string(methods));
    // A 405 has to say what is allowed. Source: RFC 9110, 15.5.6.
    answer.head.headers.push_back({"Allow", std::string(methods)});
    return answer;
}

server::Answer nothing_here() {
    return failure(404, "not_found", "there is nothing here; openapi.yaml has what there is");
}

/// The methods that a path has; "" where there is no such path.
std::string_view methods_of(std::string_view path) {
    if (path == "/api/v1/jobs") return "GET, HEAD, POST";
    if (path == "/api/v1/queues" || path == "/api/v1/events") return "GET, HEAD";
    if (!path.starts_with(kApiJobs)) return "";
    const auto slash = path.find('/', kApiJobs.size());
    if (slash == std::string_view::npos) return "GET, HEAD";
    const std::string_view verb = path.substr(slash + 1);
    // Only what the contract has: a word more would be a promise that nobody wrote down.
    return verb == "cancel" || verb == "retry" ? "POST" : "";
}

bool has_method(std::string_view methods, const std::string& method) {
    // As whole words: "GE" is none, though the text has it.
    return (", " + std::string(methods) + ",").find(", " + method + ",") != std::string::npos;
}

server::Answer reply(const CommandReply& asked) {
    // Not understood, or not now: there is no command then, and nothing came of it.
    if (asked.ok && !*asked.ok && asked.status >= 400 && asked.status != 409)
        return failure(asked.status, word_for(asked.status), printable(asked.sentence));
    json::object body{{"ok", asked.ok ? json::value(*asked.ok) : json::value(nullptr)},
                      {"result", asked.ok ? json::value(printable(asked.sentence)) : json::value(nullptr)}};
    // The command stands, and the daemon will obey it: nothing failed, and nothing is known yet.
    if (!asked.ok) return json_answer(202, json::serialize(body));
    if (*asked.ok) return json_answer(200, json::serialize(body));
    body["error"] = json::object{{"code", "not_possible"}, {"message", printable(asked.sentence)}};
    return json_answer(409, json::serialize(body));
}

}  // namespace

asio::awaitable<void> Api::handle(server::Exchange& exchange) {
    // A copy, for the body is read through the same exchange.
    const server::RequestHead head = exchange.head();
    const std::string_view methods = methods_of(head.path);
    server::Answer answer;
    if (methods.empty())
        answer = nothing_here();
    else if (!has_method(methods, head.method))
        answer = wrong_method(methods);
    else if (head.method == "POST")
        answer = co_await post(exchange, head.path);
    else
        answer = co_await get(head.path, head.query);
    const auto sent = co_await exchange.answer(std::move(answer));
    static_cast<void>(sent);
}

/// Of a path that methods_of() knows; so does post().
asio::awaitable<server::Answer> Api::get(const std::string& path, const std::string& query) {
    if (path == "/api/v1/jobs") co_return jobs(query);
    if (path == "/api/v1/queues") co_return queues();
    if (path == "/api/v1/events") co_return events(query);
    co_return co_await job(path.substr(kApiJobs.size()));
}

asio::awaitable<server::Answer> Api::post(server::Exchange& exchange, const std::string& path) {
    if (path == "/api/v1/jobs") co_return co_await submit(exchange);
    const std::string rest = path.substr(kApiJobs.size());
    const auto slash = rest.find('/');
    const auto id = parse_number(std::string_view(rest).substr(0, slash));
    const std::string verb = slash == std::string::npos ? "" : rest.substr(slash + 1);
    // A number that is none can't be a job's, so there is no such address.
    if (!id) co_return nothing_here();
    co_return co_await command(verb == "cancel" ? store::Verb::cancel : store::Verb::retry,
                               store::JobId{*id});
}

server::Answer Api::jobs(const std::string& query) {
    const auto store = room_.state.look();
    if (!store) return failure(503, "unavailable", to_string(store.error()));
    const Fields asked = Fields::parse(query);
    store::JobSearch search = search_of(asked);
    // What people get for an address that was cut, the first page, a program would read as more of the list.
    if (const std::string& before = asked["before"];
        !before.empty() && before != "0" && !parse_number(before))
        return failure(400, "bad_request", "before must be the number of a job, a whole number");
    // A program would take the empty list of a misspelt word for the end of all work.
    if (!search.has_known_state())
        return failure(400, "bad_request", "state must be open, ended, or a state of jobs, such as running");
    // As in `status --json`: whatever has not ended is there, and a page of what has behind it.
    if (search.has_open_first()) {
        search.open_max = kOpenMax;
        search.count_max = kOpenMax + search.ended_max;
    }
    const auto status = report::read_found(**store, room_.settings, search, room_.clock.now());
    if (status && status->jobs.empty() && !is_queue(**store, search.queue))
        return failure(400, "bad_request", "there is no queue " + search.queue + ", and no job of it");
    if (status) return json_answer(200, report::status_json(*status));
    room_.state.forget();
    return failure(status.error());
}

/// One that was removed is one as long as it has jobs.
bool Api::is_queue(store::Store& store, const std::string& name) const {
    if (name.empty() || name == "default" || room_.settings.queues.contains(name)) return true;
    store::JobSearch all;
    all.queue = name;
    all.count_max = 1;
    const auto status =
        report::read_found(store, room_.settings, all, room_.clock.now(), report::Enqueued::skip);
    // What can't be read does not make a mistake of a right name.
    return !status || !status->jobs.empty();
}

asio::awaitable<server::Answer> Api::job(const std::string& id) {
    // By its number only: a name may be that of several jobs, and a program must not get another one.
    const auto number = parse_number(id);
    const auto store = room_.state.look();
    if (!store) co_return failure(503, "unavailable", to_string(store.error()));
    if (!number) co_return failure(404, "not_found", "there is no such job");
    auto status = report::read_status(**store, room_.settings, store::JobId{*number}, room_.clock.now());
    if (!status) co_return failure(status.error());
    const auto read = co_await run_blocking(room_.pool, [&] { return report::read_errors(*status); });
    static_cast<void>(read);  // without them the rest is still true: "errors" is null
    co_return json_answer(200, report::status_json(*status));
}

server::Answer Api::queues() {
    const auto store = room_.state.look();
    if (!store) return failure(503, "unavailable", to_string(store.error()));
    const auto queues = report::read_queues(*store, room_.settings);
    return queues ? json_answer(200, report::queues_json(*queues)) : failure(queues.error());
}

server::Answer Api::events(const std::string& query) {
    const auto store = room_.state.look();
    if (!store) return failure(503, "unavailable", to_string(store.error()));
    const std::string after = Fields::parse(query)["after"];
    const auto number = parse_number(after);
    // 0 is where whoever knows of no event yet begins.
    if (!after.empty() && after != "0" && !number)
        return failure(400, "bad_request", "after must be the id of an event, a whole number");
    const auto events =
        store::events_after((*store)->database, number.value_or(0), std::nullopt, TimePoint{}, kEventsMax);
    if (!events) return failure(events.error());
    json::array all;
    for (const store::LoggedEvent& event : *events) all.push_back(report::event_json(event));
    return json_answer(200, json::serialize(json::object{{"events", std::move(all)}}));
}

asio::awaitable<server::Answer> Api::metrics() {
    // A copy: a reload may take over other settings while the pool is at it.
    const config::Settings settings = room_.settings;
    const auto folders = co_await run_blocking(room_.pool, [&] { return read_folders(settings); });
    const auto store = room_.state.look();
    if (!store) co_return failure(503, "unavailable", to_string(store.error()));
    auto text = read_metrics(**store, counting_, settings, folders, room_.clock.now(), room_.version);
    if (!text) {
        room_.state.forget();
        co_return failure(text.error());
    }
    server::Answer answer{
        .head = {.status = 200, .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}},
        .body = std::move(*text)};
    // Of the page and not of the daemon, whose textfile another exporter sends among its own.
    answer.body += process_metrics_text();
    add_safe_headers(answer.head);
    co_return answer;
}

asio::awaitable<server::Answer> Api::command(store::Verb verb, store::JobId job) {
    // A change here needs the token, and who shows that is nobody whom a proxy has named.
    const auto asked = co_await ask_daemon(room_, verb, job, {});
    co_return asked ? reply(*asked) : failure(503, "unavailable", to_string(asked.error()));
}

asio::awaitable<std::optional<store::JobId>> Api::number_of(spool::FileId file, TimePoint since,
                                                            store::JobId newest) {
    // By the file and not by its name, since two programs may drop files of one name in the same moment.
    const store::DroppedFile dropped{file.device, file.inode, since, newest};
    for (Millis waited{0}; waited < kClaimPatience; waited += kLookForJob) {
        const auto store = room_.state.look();
        if (!store) co_return std::nullopt;
        const auto found = store::find_dropped((*store)->database, dropped);
        // A read that failed is as good as a job that is not there yet: it is tried again until the time is
        // up.
        if (found && *found) co_return *found;
        co_await room_.clock.sleep_for(kLookForJob);
    }
    co_return std::nullopt;
}

asio::awaitable<server::Answer> Api::submit(server::Exchange& exchange) {
    // No body is no file, and would be rejected as an empty one later, where the program does not look any
    // more.
    if (!exchange.head().has_body())
        co_return failure(411, word_for(411), "the body is the file, with its Content-Length or in chunks");
    const Fields query = Fields::parse(exchange.head().query);
    const std::string queue = query["queue"].empty() ? "default" : query["queue"];
    // The body is the file itself and bears no name.
    if (query["name"].empty()) co_return failure(400, "bad_request", "?name= says what the job is called");
    auto drop = co_await receive_body(exchange, room_, queue, query["name"]);
    if (!drop) co_return failure(drop.error());
    // Both are taken before the file is shown to the daemon, which may claim it before we come to look.
    const TimePoint since = room_.clock.now();
    store::JobId newest;
    if (const auto store = room_.state.look(); store)
        if (const auto number = (*store)->jobs.newest()) newest = *number;
    const auto published = co_await run_blocking(room_.pool, [&] { return publish(*drop); });
    if (!published) co_return failure(published.error());
    // Without an id it is a success all the same: the file is in the inbox, and is taken when the daemon
    // runs.
    const auto id = co_await number_of(drop->id(), since, newest);
    json::array jobs{json::object{{"id", id ? json::value(id->value) : json::value(nullptr)},
                                  {"name", printable(drop->name())},
                                  {"queue", printable(queue)},
                                  {"file", printable(drop->name() + ".jsonl")}}};
    co_return json_answer(201, json::serialize(json::object{{"jobs", std::move(jobs)}}));
}

}  // namespace batchd::web
