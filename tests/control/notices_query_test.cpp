#include "control/notices_query.hpp"

#include <gtest/gtest.h>

#include "control/notify_test_path.hpp"

namespace batchd::control {
namespace {

using namespace std::chrono_literals;

TEST(NoticesQueryTest, EachPartIsOptional) {
    EXPECT_EQ(parse_notices_query(""), NoticesQuery{});
    EXPECT_EQ(parse_notices_query("after="), NoticesQuery{});
    EXPECT_EQ(parse_notices_query("after=12"), (NoticesQuery{12, 0ms, ""}));
    EXPECT_EQ(parse_notices_query("target=next&wait=30&after=12"), (NoticesQuery{12, 30s, "next"}));
    EXPECT_EQ(parse_notices_query("wait=9999"), (NoticesQuery{0, 60s, ""})) << "a minute at most";
}

TEST(NoticesQueryTest, AnythingElseIsNone) {
    for (const char* const text :
         {"after", "after=-1", "after=1x", "after=1&&wait=1", "target=", "target=a/b", "before=1",
          "key=", "key=A%20", "at=", "at=today", "after=99999999999999999999"})
        EXPECT_EQ(parse_notices_query(text), std::nullopt) << text;
}

TEST(NoticesQueryTest, ItsPathIsReadBackAsTheSame) {
    const NoticesQuery query{12, 30s, "next", "msg_0a", parse_utc_text("2026-11-28T20:00:00Z")};
    const std::string path = notices_path(query);
    ASSERT_TRUE(path.starts_with("/v1/notices?"));
    EXPECT_EQ(parse_notices_query(path.substr(path.find('?') + 1)), query);
}

TEST(NotifyTestPathTest, HasTheNameBetween) {
    EXPECT_EQ(parse_notify_test_path("/v1/notify/ops/test"), "ops");
    EXPECT_EQ(parse_notify_test_path(notify_test_path("a-b_1")), "a-b_1");
    for (const char* const path :
         {"/v1/notify/test", "/v1/notify//test", "/v1/notify/a/b/test", "/v1/notify/ops", "/"})
        EXPECT_EQ(parse_notify_test_path(path), std::nullopt) << path;
}

}  // namespace
}  // namespace batchd::control
