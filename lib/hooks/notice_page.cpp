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
    HookNotice notice{*id,
                      text_at(*object, "key"),
                      text_at(*object, "type"),
                      text_at(*object, "queue"),
                      text_at(*object, "target"),
                      {}};
    for (const char* const key : {"type", "time", "text", "job"})
        if (const auto* const member = object->if_contains(key)) notice.event[key] = *member;
    return notice;
}

std::optional<Cursor> read_place(const json::value* value) {
    const auto* const object = value == nullptr ? nullptr : value->if_object();
    const auto id = object == nullptr ? std::nullopt : number_at(*object, "id");
    if (!id) return std::nullopt;
    return Cursor{*id, 0, text_at(*object, "key"), parse_utc_text(text_at(*object, "time"))};
}

}  // namespace

Cursor cursor_behind(const HookNotice& notice) {
    return {notice.id, 0, notice.key, parse_utc_text(text_at(notice.event, "time"))};
}

Result<NoticePage> read_notice_page(const json::object& answer) {
    const auto* const notices = answer.if_contains("notices");
    auto from = read_place(answer.if_contains("from"));
    if (notices == nullptr || !notices->is_array() || !from)
        return error(Errc::protocol, "the daemon's answer is no page of notices");
    NoticePage page;
    page.from = std::move(*from);
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
