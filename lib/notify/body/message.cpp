#include "notify/body/message.hpp"

#include <boost/json/serialize.hpp>

#include "notify/body/chat.hpp"
#include "notify/body/event_json.hpp"
#include "notify/signature.hpp"

namespace batchd::notify {
namespace {

using config::NotifyKind;

http::Request json_request(const Envelope& envelope, std::string body) {
    return {.method = http::Method::post,
            .target = envelope.target,
            .headers = {{"Content-Type", "application/json"}},
            .body = std::move(body)};
}

http::Request webhook(const store::Notice& notice, const Envelope& envelope) {
    http::Request request = json_request(envelope, boost::json::serialize(event_json(notice)));
    // The time of this try and not of the notice: a receiver refuses what is signed too long ago. Source:
    // Standard Webhooks 1.0.
    const auto seconds = std::chrono::floor<std::chrono::seconds>(envelope.now.time_since_epoch());
    const std::string timestamp = std::to_string(seconds.count());
    // The same at each try, by which a receiver knows what it has had already.
    request.headers.push_back({"webhook-id", notice.key});
    request.headers.push_back({"webhook-timestamp", timestamp});
    if (!envelope.keys.empty())
        request.headers.push_back(
            {"webhook-signature", webhook_signature(envelope.keys, notice.key, timestamp, request.body)});
    return request;
}

}  // namespace

http::Request message_of(NotifyKind kind, std::span<const store::Notice> notices, const Envelope& envelope) {
    if (kind == NotifyKind::slack) return json_request(envelope, slack_body(notices));
    if (kind == NotifyKind::discord) return json_request(envelope, discord_body(notices));
    if (kind == NotifyKind::webhook) return webhook(notices.front(), envelope);
    if (kind == NotifyKind::ntfy)
        return {.method = http::Method::post,
                .target = envelope.target,
                .headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Title", ntfy_title(notices)}},
                .body = ntfy_body(notices)};
    return {.method = http::Method::get, .target = envelope.target, .headers = {}, .body = {}};
}

bool is_summed_up(NotifyKind kind) {
    return kind == NotifyKind::slack || kind == NotifyKind::discord || kind == NotifyKind::ntfy;
}

}  // namespace batchd::notify
