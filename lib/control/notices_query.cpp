#include "control/notices_query.hpp"

#include <algorithm>
#include <charconv>

#include "config/values/table_name.hpp"

namespace batchd::control {
namespace {

constexpr std::int64_t kWaitMax = 60;  // seconds

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

/// As Notices makes it.
bool is_key(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

/// Anything that is not known is an error: a limit with a misspelt name would be none.
bool read(std::string_view name, std::string_view value, NoticesQuery& query) {
    if (name == "target") {
        query.target = value;
        return config::is_table_name(value);
    }
    if (name == "key") {
        query.key = value;
        return is_key(value);
    }
    if (name == "at") {
        query.at = parse_utc_text(value);
        return query.at.has_value();
    }
    const auto count = value.empty() ? std::optional<std::int64_t>(0) : number(value);
    if (!count) return false;
    if (name == "after") query.after = *count;
    if (name == "wait") query.wait = std::chrono::seconds(std::min(*count, kWaitMax));
    return name == "after" || name == "wait";
}

}  // namespace

std::optional<NoticesQuery> parse_notices_query(std::string_view text) {
    NoticesQuery query;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        if (!read(pair.substr(0, equals), pair.substr(equals + 1), query)) return std::nullopt;
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
    }
    return query;
}

std::string notices_path(const NoticesQuery& query) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(query.wait).count();
    std::string path =
        "/v1/notices?after=" + std::to_string(query.after) + "&wait=" + std::to_string(seconds);
    if (!query.target.empty()) path += "&target=" + query.target;
    if (!query.key.empty()) path += "&key=" + query.key;
    if (query.at) path += "&at=" + to_utc_text(*query.at);
    return path;
}

}  // namespace batchd::control
