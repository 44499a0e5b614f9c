#include "control/notices_api.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/log.hpp"
#include "base/text/json_values.hpp"
#include "control/json_answer.hpp"
#include "control/notify_test_path.hpp"
#include "notify/body/event_json.hpp"
#include "server/error_answer.hpp"

namespace batchd::control {

namespace asio = boost::asio;
namespace json = boost::json;
using server::Answer;
using server::error_answer;

namespace {

// With twenty kilobytes for each at most, a page stays within what a client reads of an answer.
constexpr std::size_t kPage = 50;
constexpr std::size_t kDetailMax = 1000;

json::object notice_json(const store::Notice& notice) {
    json::object object{{"id", notice.id},
                        {"key", notice.key},
                        {"target", text_or_null(notice.target)},
                        {"queue", text_or_null(notice.job.queue)}};
    for (const auto& member : notify::event_json(notice)) object[member.key()] = member.value();
    return object;
}

json::object place_json(const store::NoticePlace& place) {
    return {{"id", place.id}, {"key", text_or_null(place.key)}, {"time", time_or_null(place.at)}};
}

}  // namespace

asio::awaitable<std::optional<Answer>> NoticesApi::answer(const server::RequestHead& head,
                                                          const std::string& body) {
    const bool is_get = head.method == "GET";
    const auto target = parse_notify_test_path(head.path);
    if (head.path != "/v1/notices" && head.path != "/v1/hooks" && !target) co_return std::nullopt;
    if (is_get != (head.path == "/v1/notices"))
        co_return error_answer(405, "method_not_allowed", "notices are read with GET, the rest is POST");
    if (head.path == "/v1/hooks") co_return record_hook(body);
    if (target) {
        const auto tested = co_await notifier_.test(*target);
        // There is no target of that name; how the message fared is an answer, and no error.
        if (!tested) co_return error_answer(404, "not_found", tested.error().context);
        co_return json_answer(200, {{"ok", tested->got_through}, {"result", printable(tested->why)}});
    }
    const auto query = parse_notices_query(head.query);
    if (!query)
        co_return error_answer(
            400, "bad_request",
            "the query must be after=ID, with &key=KEY, &at=TIME, &wait=SECONDS and &target=NAME as wanted");
    co_return co_await list(*query);
}

asio::awaitable<Answer> NoticesApi::list(NoticesQuery query) {
    Wake wake(co_await asio::this_coro::executor);
    const WakeLine::Place place(journal_.noted(), wake);
    const Millis end = clock_.uptime() + query.wait;
    for (;;) {
        const Millis left = end - clock_.uptime();
        auto answer = page(query, left <= Millis{0});
        if (!answer) co_return unavailable(answer.error());
        // Without a body there is nothing yet, and it is waited for the next notice.
        if (!answer->body.empty()) co_return std::move(*answer);
        co_await wake.wait_for(clock_, left);
    }
}

/// One without a body where there are no notices, unless it is wanted all the same.
Result<Answer> NoticesApi::page(const NoticesQuery& query, bool even_if_empty) {
    const auto from = store_.notices.resume({query.after, query.key, query.at});
    if (!from) return from.error();
    const auto notices = store_.notices.after(from->id, kPage);
    if (!notices) return notices.error();
    const auto newest = store_.notices.newest();
    if (!newest) return newest.error();
    // One that is behind a database that was built again must hear of it at once.
    const bool is_another = from->id != query.after || *newest < query.after;
    if (notices->empty() && !even_if_empty && !is_another) return Answer{};
    const auto begin = begin_of(query.target);
    if (!begin) return begin.error();
    json::array all;
    for (const store::Notice& notice : *notices) all.push_back(notice_json(notice));
    return json_answer(200, {{"notices", std::move(all)},
                             {"newest", *newest},
                             {"from", place_json(*from)},
                             {"begin", *begin ? json::value(**begin) : json::value(nullptr)}});
}

Result<std::optional<std::int64_t>> NoticesApi::begin_of(const std::string& target) {
    const auto all = store_.targets.all();
    if (!all) return all.error();
    // There are as many rows as tables in the configuration, so that a search by hand is quick.
    const auto row = std::find_if(all->begin(), all->end(), [&](const auto& t) { return t.name == target; });
    return row == all->end() ? std::nullopt : std::optional(row->notice);
}

Answer NoticesApi::record_hook(const std::string& body) {
    boost::system::error_code ec;
    const auto parsed = json::parse(body, ec);
    const auto* const object = ec ? nullptr : parsed.if_object();
    const auto* const ok = object == nullptr ? nullptr : object->if_contains("ok");
    const auto* const detail = object == nullptr ? nullptr : object->if_contains("detail");
    if (ok == nullptr || !ok->is_bool() || detail == nullptr || !detail->is_string())
        return error_answer(
            400, "bad_request",
            "the body must be {\"ok\": true or false, \"job\": ID or null, \"detail\": \"…\"}");
    const auto* const id = object->if_contains("job");
    std::optional<store::JobId> job;
    if (id != nullptr && id->is_int64()) job = store::JobId{id->get_int64()};
    journal_.note_hook(ok->get_bool() ? engine::EventKind::hook_run : engine::EventKind::hook_failed, job,
                       shortened(std::string(detail->get_string()), kDetailMax));
    return json_answer(200, {{"ok", true}});
}

}  // namespace batchd::control
