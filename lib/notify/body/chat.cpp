#include "notify/body/chat.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/text/characters.hpp"
#include "notify/digest.hpp"
#include "notify/words.hpp"

namespace batchd::notify {
namespace {

namespace json = boost::json;

// What each of them takes in one message, or less. Source:
// https://api.slack.com/methods/chat.postMessage, https://discord.com/developers/docs/resources/webhook,
// https://docs.ntfy.sh/publish/
constexpr std::size_t kSlackMax = 4000;
constexpr std::size_t kDiscordMax = 2000;
constexpr std::size_t kNtfyMax = 4000;
constexpr std::size_t kTitleMax = 200;

/// These three and no others. Source: https://api.slack.com/reference/surfaces/formatting#escaping
std::string escaped_for_slack(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

std::size_t slack_size(std::string_view text) {
    return escaped_for_slack(text).size();
}

std::size_t bytes(std::string_view text) {
    return text.size();
}

}  // namespace

std::size_t utf16_units(std::string_view utf8) {
    std::size_t units = 0;
    for (const char c : utf8) {
        if (!begins_character(c)) continue;
        units += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;  // beyond the first plane it takes a pair
    }
    return units;
}

std::string slack_body(std::span<const store::Notice> notices) {
    return json::serialize(json::object{{"text", escaped_for_slack(digest(notices, kSlackMax, slack_size))}});
}

std::string discord_body(std::span<const store::Notice> notices) {
    return json::serialize(json::object{{"content", digest(notices, kDiscordMax, utf16_units)},
                                        // A name in somebody's file must not call everybody of a channel.
                                        {"allowed_mentions", json::object{{"parse", json::array{}}}}});
}

std::string ntfy_body(std::span<const store::Notice> notices) {
    return digest(notices, kNtfyMax, bytes);
}

std::string ntfy_title(std::span<const store::Notice> notices) {
    if (notices.size() > 1) return "batchd: " + std::to_string(notices.size()) + " notices";
    std::string title = "batchd: " + shortened(title_of(notices.front()), kTitleMax);
    for (char& c : title)
        // It goes into a header, where nothing else than ASCII is sure to arrive.
        if (c < 0x20 || c > 0x7E) c = '?';
    return title;
}

}  // namespace batchd::notify
