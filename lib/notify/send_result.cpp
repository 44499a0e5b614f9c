#include "notify/send_result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/log.hpp"
#include "http/header/retry_after.hpp"
#include "notify/body/message.hpp"

namespace batchd::notify {
namespace {

constexpr std::size_t kShownMax = 200;

/// Services that speak like Slack or Discord answer 200 with an error at times: `{"ok": false}`,
/// `{"success": false}`, `{"error": "…"}`, and a proxy with a page of its own.
bool says_no(const std::string& body) {
    if (body.find('<') == body.find_first_not_of(" \t\r\n") && !body.empty()) return true;
    boost::system::error_code ec;
    const auto value = boost::json::parse(body, ec);
    const auto* const object = ec ? nullptr : value.if_object();
    if (object == nullptr) return false;
    for (const char* const flag : {"ok", "success"})
        if (const auto* const said = object->if_contains(flag); said != nullptr && said->is_bool())
            return !said->get_bool();
    const auto* const error = object->if_contains("error");
    return error != nullptr && !error->is_null();
}

std::string answer_of(const http::Response& response) {
    std::string text = std::to_string(response.status);
    if (!response.body.empty()) text += ": " + shortened(printable(response.body), kShownMax);
    return text;
}

}  // namespace

SendResult judge(config::NotifyKind kind, const http::Response& response, TimePoint now) {
    const unsigned status = response.status;
    if (status >= 300 && status < 400)
        return {false, "it redirects (" + std::to_string(status) +
                           "), which is not followed: put the address that it redirects to into the file"};
    const auto pause = http::parse_retry_after(response.header("retry-after"), now);
    if (status < 200 || status >= 300) return {false, "it answered " + answer_of(response), pause};
    if (is_summed_up(kind) && says_no(response.body))
        return {false, "it answered " + answer_of(response) + ", which is no success", pause};
    return {true, "it answered " + answer_of(response)};
}

}  // namespace batchd::notify
