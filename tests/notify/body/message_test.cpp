#include "notify/body/message.hpp"

#include <gtest/gtest.h>

#include "notify/signature.hpp"

namespace batchd::notify {
namespace {

using config::NotifyKind;

std::string header(const http::Request& request, std::string_view name) {
    for (const http::Header& each : request.headers)
        if (each.name == name) return each.value;
    return {};
}

http::Request message(NotifyKind kind, std::vector<std::string> keys = {}) {
    store::Notice notice;
    notice.key = "msg_1";
    notice.type = "failed";
    notice.text = "why";
    const Envelope envelope{"/secret?x=1", std::move(keys),
                            TimePoint(std::chrono::milliseconds(1'700'000'000'999))};
    return message_of(kind, {&notice, 1}, envelope);
}

TEST(MessageTest, EachKindGoesToTheAddressInItsOwnForm) {
    for (const NotifyKind kind : {NotifyKind::slack, NotifyKind::discord, NotifyKind::webhook}) {
        EXPECT_EQ(message(kind).method, http::Method::post);
        EXPECT_EQ(message(kind).target, "/secret?x=1");
        EXPECT_EQ(header(message(kind), "Content-Type"), "application/json");
    }
    EXPECT_EQ(header(message(NotifyKind::ntfy), "Title"), "batchd: a job failed");
    EXPECT_EQ(message(NotifyKind::ntfy).body, "a job failed: why");
    EXPECT_EQ(message(NotifyKind::ping).method, http::Method::get);
    EXPECT_EQ(message(NotifyKind::ping).body, "");
}

TEST(MessageTest, AWebhookBearsItsIdItsTimeAndASignatureOfEachKey) {
    const http::Request request = message(NotifyKind::webhook, {std::string(24, 'a'), std::string(24, 'b')});
    EXPECT_EQ(header(request, "webhook-id"), "msg_1");
    EXPECT_EQ(header(request, "webhook-timestamp"), "1700000000");
    const std::vector<std::string> first{std::string(24, 'a')}, second{std::string(24, 'b')};
    EXPECT_EQ(header(request, "webhook-signature"),
              webhook_signature(first, "msg_1", "1700000000", request.body) + " " +
                  webhook_signature(second, "msg_1", "1700000000", request.body));
}

TEST(MessageTest, WithoutAKeyThereIsNoSignature) {
    EXPECT_EQ(header(message(NotifyKind::webhook), "webhook-signature"), "");
}

// HMAC-SHA256 of "msg_1.1.{}" with 24 bytes "k", as OpenSSL's command line has it.
TEST(MessageTest, ASignatureIsTheHmacOverIdTimeAndBody) {
    const std::vector<std::string> keys{std::string(24, 'k')};
    EXPECT_EQ(webhook_signature(keys, "msg_1", "1", "{}"), "v1,Vmlv3+JA6+uwIIAIu7e/H4EIIl5fJFzZp8cyLkfxmYs=");
}

}  // namespace
}  // namespace batchd::notify
