#include "hooks/notice_page.hpp"

#include <boost/json/array.hpp>

namespace batchd::hooks {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<HookNotice> read_notice(const json::value& value) {
    const auto* const object = value.if_object();
    const auto id = object == nullptr ? std::nullopt : number_at(*object, "id");
    if (!id) return std::nullopt;
    HookNotice notice{
        *id, text_at(*object, "type"), text_at(*object, "queue"), text_at(*object, "target"), {}};
    for (const char* const key : {"type", "time", "text", "job"})
        if (const auto* const member = object->if_contains(key)) notice.event[key] = *member;
    return notice;
}

}  // namespace

Result<NoticePage> read_notice_page(const json::object& answer) {
    const auto* const notices = answer.if_contains("notices");
    const auto newest = number_at(answer, "newest");
    if (notices == nullptr || !notices->is_array() || !newest)
        return error(Errc::protocol, "the daemon's answer is no page of notices");
    NoticePage page;
    page.newest = *newest;
    page.begin = number_at(answer, "begin");
    for (const json::value& value : notices->get_array()) {
        auto notice = read_notice(value);
        // One that is left out would never be run, and nobody would know.
        if (!notice) return error(Errc::protocol, "the daemon's answer has a notice that can't be read");
        page.notices.push_back(std::move(*notice));
    }
    return page;
}

}  // namespace batchd::hooks
