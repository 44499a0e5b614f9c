#include "notify/send_result.hpp"

#include <gtest/gtest.h>

namespace batchd::notify {
namespace {

using namespace std::chrono_literals;
using config::NotifyKind;

SendResult judged(NotifyKind kind, unsigned status, std::string body,
                  std::vector<http::Header> headers = {}) {
    return judge(kind, {.status = status, .headers = std::move(headers), .body = std::move(body)},
                 TimePoint{});
}

TEST(VerdictTest, AnySuccessIsOne) {
    EXPECT_TRUE(judged(NotifyKind::slack, 200, "ok").got_through);
    EXPECT_TRUE(judged(NotifyKind::discord, 204, "").got_through);
    EXPECT_TRUE(judged(NotifyKind::ntfy, 200, R"({"id":"x","event":"message"})").got_through);
    EXPECT_TRUE(judged(NotifyKind::webhook, 202, R"({"error":"not ours to read"})").got_through);
    EXPECT_TRUE(judged(NotifyKind::ping, 200, "<html>").got_through);
}

TEST(VerdictTest, AChatThatAnswersASuccessWithAnErrorHasNotGotIt) {
    for (const char* const body : {R"({"ok":false,"error":"channel_not_found"})", R"({"success":false})",
                                   R"({"error":"rate"})", "<html>Please log in</html>", "  <!doctype html>"})
        EXPECT_FALSE(judged(NotifyKind::slack, 200, body).got_through) << body;
    EXPECT_TRUE(judged(NotifyKind::slack, 200, R"({"ok":true,"error":null})").got_through);
}

TEST(VerdictTest, AFailureIsToldWithWhatWasAnsweredInOneLine) {
    const SendResult verdict = judged(NotifyKind::slack, 404, "no_service\n");
    EXPECT_FALSE(verdict.got_through);
    EXPECT_EQ(verdict.why, "it answered 404: no_service\\x0a");
    EXPECT_LT(judged(NotifyKind::slack, 500, std::string(60000, 'x')).why.size(), 300U);
}

TEST(VerdictTest, ARedirectIsNotFollowedAndSaid) {
    const SendResult verdict =
        judged(NotifyKind::webhook, 302, "", {{"location", "https://elsewhere/secret"}});
    EXPECT_FALSE(verdict.got_through);
    EXPECT_NE(verdict.why.find("it redirects (302)"), std::string::npos);
    EXPECT_EQ(verdict.why.find("secret"), std::string::npos);
}

TEST(VerdictTest, ThePauseThatIsAskedForIsAnHourAtMost) {
    EXPECT_EQ(judged(NotifyKind::discord, 429, "", {{"retry-after", "7"}}).pause, 7s);
    EXPECT_EQ(judged(NotifyKind::discord, 429, "", {{"retry-after", "86400"}}).pause, 1h);
    EXPECT_EQ(judged(NotifyKind::discord, 500, "").pause, std::nullopt);
}

}  // namespace
}  // namespace batchd::notify
