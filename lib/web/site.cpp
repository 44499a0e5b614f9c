#include "web/site.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "server/error_answer.hpp"
#include "web/assets.hpp"
#include "web/command/ask_daemon.hpp"
#include "web/download/job_files.hpp"
#include "web/download/send_file.hpp"
#include "web/download/send_folder.hpp"
#include "web/html/gzip.hpp"
#include "web/pages/job_view.hpp"
#include "web/pages/jobs_page.hpp"
#include "web/request/number.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Of the forms without a file: a token, a name and a number.
constexpr std::size_t kFormBytesMax = 16 * 1024;
constexpr std::string_view kJobs = "/jobs/", kSubmit = "/submit/", kLink = "/link/", kFolder = "/folder.tar";

bool is_get(const server::RequestHead& head) {
    return head.method == "GET" || head.method == "HEAD";
}

Area area_of(const server::RequestHead& head) {
    const std::string_view path = head.path;
    if (path == "/healthz" || (is_get(head) && (path.starts_with("/assets/") || path.starts_with(kLink))))
        return Area::open;
    if (path.starts_with("/api/") || path == "/metrics") return Area::api;
    // What is not named above is guarded: a path that somebody forgets here is closed and not open.
    return Area::pages;
}

/// "12" and "cancel" of "12/cancel".
std::pair<std::string, std::string> split(std::string_view path) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return {std::string(path), ""};
    return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

bool is_download(std::string_view path) {
    return path.starts_with(kJobs) &&
           (path.find("/files/") != std::string_view::npos || path.ends_with(kFolder));
}

server::Answer text_answer(unsigned status, std::string text) {
    server::Answer answer{
        .head = {.status = status,
                 .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}}},
        .body = std::move(text)};
    add_safe_headers(answer.head);
    return answer;
}

/// The list of jobs is most of a first visit. It has no form's token in it: packed beside what somebody makes
/// a browser ask for, the size of the answer would tell it bit by bit.
server::Answer packed(server::Answer answer, const server::RequestHead& head) {
    // The word alone: nobody who names it sends "q=0" with it in practice, and it is our page's own browser.
    if (head.header("accept-encoding").find("gzip") == std::string_view::npos) return answer;
    answer.body = gzip(answer.body);
    answer.head.headers.push_back({"Content-Encoding", "gzip"});
    answer.head.headers.push_back({"Vary", "Accept-Encoding"});
    return answer;
}

/// Only what comes by https: behind a proxy a browser must not send it in the open.
std::string cookie_rules(const config::Web& settings) {
    return std::string("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000") +
           (settings.behind_proxy ? "; Secure" : "");
}

server::Answer wrong_method(const char* methods) {
    server::Answer answer = text_answer(405, "what there is: " + std::string(methods) + "\n");
    answer.head.headers.push_back({"Allow", methods});
    return answer;
}

}  // namespace

server::Limits page_limits() {
    server::Limits limits;
    // Twice what may stream at once, so that open pages keep nobody else out.
    limits.connections_max = 512;
    // Files are as large here as through the folder; they go to the disk as they come, so memory is no
    // reason for less.
    limits.body_bytes_max = 16ULL * 1024 * 1024 * 1024;
    return limits;
}

asio::awaitable<void> Site::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    // Both end with the site: the group joins them before anything that they use is gone.
    tasks.spawn(live_.run());
    tasks.spawn([](Site& site) -> asio::awaitable<void> {
        for (;;) {
            co_await site.room_.clock.sleep_for(1min);
            // A file that was checked and never sent lies in the inbox under a hidden name; it goes when
            // nobody decides.
            site.submissions_.forget_old();
        }
    }(*this));
    co_await tasks.join();
}

asio::awaitable<void> Site::handle(server::Exchange& exchange) {
    const server::RequestHead& head = exchange.head();
    // Decided once, before anything is read or looked up, and by a pure function: each route would forget
    // it in its own way.
    const AccessDecision decision =
        judge(head, exchange.peer(), area_of(head), room_.settings.web, room_.access);
    server::Answer answer;
    if (decision.kind != AccessDecision::Kind::allowed)
        answer = refuse(head, decision);
    else if (area_of(head) == Area::open)
        answer = open(head);
    else
        co_return co_await serve(exchange, decision);
    const auto sent = co_await exchange.answer(std::move(answer));
    static_cast<void>(sent);
}

server::Answer Site::refuse(const server::RequestHead& head, const AccessDecision& decision) {
    // 421 is "misdirected request", which is what a rebound name is.
    const unsigned status = decision.kind == AccessDecision::Kind::wrong_host ? 421
                            : decision.kind == AccessDecision::Kind::no_login ? 401
                                                                              : 403;
    server::Answer answer;
    if (area_of(head) == Area::api)
        answer = server::error_answer(status, status == 401 ? "no_login" : "refused", decision.why);
    else if (status == 401)
        answer = html_answer(status, message_page({.version = room_.version}, "Who are you?", decision.why));
    else
        answer = text_answer(status, decision.why + "\n");
    if (area_of(head) == Area::api) add_safe_headers(answer.head);
    return answer;
}

server::Answer Site::open(const server::RequestHead& head) {
    // It says that the page lives, and not that the daemon does: whoever watches us restarts what is asked.
    if (head.path == "/healthz") return is_get(head) ? text_answer(200, "ok\n") : wrong_method("GET, HEAD");
    if (head.path.starts_with("/assets/")) return asset_answer(head);
    // The token comes in the path, so that it can be opened from a terminal; it is traded at once for a
    // cookie, which no log, history or Referer has.
    if (!room_.access.is_token(std::string_view(head.path).substr(kLink.size())))
        return html_answer(403, message_page({.version = room_.version}, "This link is not the one",
                                             "Links change when the page is started: `batchd web --link` "
                                             "prints the one that holds."));
    server::Answer answer = redirect("/");
    answer.head.headers.push_back({"Set-Cookie", std::string(kCookie) + "=" + room_.access.open_session() +
                                                     cookie_rules(room_.settings.web)});
    return answer;
}

asio::awaitable<void> Site::serve(server::Exchange& exchange, const AccessDecision& decision) {
    const server::RequestHead& head = exchange.head();
    // Those that stream, up or down, answer by themselves. The rest returns an answer that is sent in one
    // place.
    if (head.path.starts_with("/api/")) co_return co_await api_.handle(exchange);
    if (head.path == "/live" && is_get(head)) co_return co_await stream(exchange, decision);
    if (head.path == "/submit" && head.method == "POST")
        co_return co_await submissions_.receive(exchange, decision);
    if (is_get(head) && is_download(head.path)) co_return co_await download(exchange, decision);
    server::Answer answer;
    if (is_get(head))
        answer = co_await get(head, decision);
    else if (head.method == "POST" && head.path != "/metrics")
        answer = co_await post(exchange, decision);
    else if (head.path == "/metrics")
        answer = wrong_method("GET, HEAD");
    else
        answer = wrong_method("GET, HEAD, POST");
    const auto sent = co_await exchange.answer(std::move(answer));
    static_cast<void>(sent);
}

Site::Answered Site::get(const server::RequestHead& head, const AccessDecision& decision) {
    const std::string_view path = head.path;
    if (path == "/metrics") co_return co_await api_.metrics();
    if (path == "/") {
        server::Answer list = co_await pages_.get(head, decision);
        co_return packed(std::move(list), head);
    }
    if (path.starts_with(kSubmit)) {
        const std::string id(path.substr(kSubmit.size()));
        co_return co_await submissions_.show(id, decision);
    }
    co_return co_await pages_.get(head, decision);
}

Site::Answered Site::post(server::Exchange& exchange, const AccessDecision& decision) {
    const std::string path = exchange.head().path;
    const auto body = co_await exchange.read_body(kFormBytesMax);
    if (!body) co_return text_answer(413, "the form is too large\n");
    // A cookie comes along with any request that another site makes the browser send; a token out of our
    // own page does not.
    if (!room_.access.is_form_token(Fields::parse(*body)["form"], decision.session))
        co_return text_answer(403, "the form is not one of this session's: reload the page\n");
    if (path.starts_with(kSubmit)) {
        const auto [id, what] = split(std::string_view(path).substr(kSubmit.size()));
        if (what == "send") co_return co_await submissions_.send(id, decision);
        if (what == "discard") co_return submissions_.discard(id);
    }
    if (path.starts_with(kJobs)) co_return co_await give(path.substr(kJobs.size()), decision);
    co_return text_answer(404, "there is nothing here\n");
}

/// A command to the daemon.
Site::Answered Site::give(const std::string& target, const AccessDecision& decision) {
    const auto [number, word] = split(target);
    const auto id = parse_number(number);
    // The page offers these two and no others: what settles a doubt wants more knowledge than a button
    // shows.
    if (!id || (word != "cancel" && word != "retry")) co_return text_answer(404, "there is nothing here\n");
    const store::Verb verb = word == "cancel" ? store::Verb::cancel : store::Verb::retry;
    const auto asked = co_await ask_daemon(room_, verb, store::JobId{*id}, decision.user);
    // Whatever the code: that its socket is not there says nothing of the job.
    if (!asked)
        co_return html_answer(
            503, message_page(room_.frame(decision), "The daemon does not answer", to_string(asked.error())));
    // A redirect, so that a reload of what comes then does not give the command once more.
    if (asked->ok && *asked->ok) co_return redirect("/jobs/" + number);
    const std::string what = asked->ok ? asked->sentence : "The daemon has not answered yet; it will do it.";
    // As the API has it. 409: asked rightly, and not possible as things stand.
    const unsigned refused = asked->status >= 400 ? asked->status : 409;
    co_return html_answer(asked->ok ? refused : 202,
                          message_page(room_.frame(decision), "The daemon says", what));
}

asio::awaitable<void> Site::download(server::Exchange& exchange, const AccessDecision& decision) {
    const auto [number, rest] = split(std::string_view(exchange.head().path).substr(kJobs.size()));
    const auto id = parse_number(number);
    const auto store = room_.state.look();
    Result<std::optional<store::Job>> job;
    if (!store)
        job = store.error();
    else if (id)
        job = (*store)->jobs.find(store::JobId{*id});
    if (!job) {
        server::Answer answer = no_state_page(room_, decision, job.error());
        co_return static_cast<void>(co_await exchange.answer(std::move(answer)));
    }
    Result<void> sent = error(Errc::not_found, "there is no such file");
    if (*job && "/" + rest == kFolder)
        sent = co_await send_folder(exchange, **job, room_.pool);
    else if (*job)
        sent = co_await send_one(exchange, **job, rest);
    // What has begun can not be taken back: the client sees that it broke off short of its length.
    if (sent || exchange.has_begun()) co_return;
    server::Answer answer = failure_page(room_, decision, sent.error());
    static_cast<void>(co_await exchange.answer(std::move(answer)));
}

/// `rest`: "files/NAME".
asio::awaitable<Result<void>> Site::send_one(server::Exchange& exchange, const store::Job& job,
                                             const std::string& rest) {
    const auto [files, encoded] = split(rest);
    // The name is looked up among the files of the job, and never joined to a path, so that "../" is only a
    // file that is not there.
    const auto name = percent_decoded(encoded);
    if (!name || files != "files") co_return error(Errc::not_found, "there is no such file");
    auto file = co_await run_blocking(room_.pool, [&] { return open_job_file(job, *name); });
    if (!file) co_return file.error();
    const std::string shown = job.name + "." + *name;
    co_return co_await send_file(exchange, std::move(*file), shown, room_.pool);
}

asio::awaitable<void> Site::stream(server::Exchange& exchange, const AccessDecision& decision) {
    const std::string what = exchange.head().query;
    const Fields query = Fields::parse(what);
    const auto executor = co_await asio::this_coro::executor;
    // Rendered by the same functions as the page itself, so that what comes live can not differ from what a
    // reload shows.
    if (const auto job = parse_number(query["job"])) {
        JobView view(room_, room_.frame(decision), *job);
        const auto render = [&view] { return view.html(); };
        // With a form's token in it, which is the session's own.
        co_return co_await live_.stream(exchange, executor, what + "\n" + decision.session, render);
    }
    const store::JobSearch search = search_of(query);
    const auto render = [this, &search] { return list(search); };
    co_await live_.stream(exchange, executor, what, render);
}

asio::awaitable<Result<Html>> Site::list(const store::JobSearch& search) {
    const auto store = room_.state.look();
    if (!store) co_return store.error();
    const auto status =
        report::read_found(**store, room_.settings, search, room_.clock.now(), report::Enqueued::skip);
    if (!status) co_return status.error();
    Html html = live_strip(*status);
    html << jobs_table(*status, search);
    co_return html;
}

}  // namespace batchd::web
