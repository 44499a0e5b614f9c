#include "hooks/notice_page.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace batchd::hooks {
namespace {

Result<NoticePage> read(const char* text) {
    return read_notice_page(boost::json::parse(text).as_object());
}

TEST(NoticePageTest, HasTheNoticesAndWhatACommandGetsOfEach) {
    const auto page =
        read(R"({"notices":[{"id":7,"key":"msg_1","target":null,"queue":"nightly","type":"done",)"
             R"("time":"2026-11-27T00:00:00Z","text":"why","job":{"id":12}}],"newest":9,"from":{"id":6,)"
             R"("key":"msg_0","time":"2026-11-26T00:00:00Z"},"begin":3})");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->from, (Cursor{6, 0, "msg_0", parse_utc_text("2026-11-26T00:00:00Z")}));
    EXPECT_EQ(cursor_behind(page->notices.at(0)),
              (Cursor{7, 0, "msg_1", parse_utc_text("2026-11-27T00:00:00Z")}));
    EXPECT_EQ(page->begin, 3);
    ASSERT_EQ(page->notices.size(), 1U);
    EXPECT_EQ(page->notices[0].id, 7);
    EXPECT_EQ(page->notices[0].queue, "nightly");
    EXPECT_EQ(page->notices[0].target, "");
    EXPECT_EQ(boost::json::serialize(page->notices[0].event),
              R"({"type":"done","time":"2026-11-27T00:00:00Z","text":"why","job":{"id":12}})");
}

TEST(NoticePageTest, AnythingElseIsAnError) {
    for (const char* const text :
         {"{}", R"({"notices":[]})", R"({"notices":[],"newest":1})", R"({"notices":1,"from":{"id":1}})",
          R"({"notices":[{}],"from":{"id":1}})", R"({"notices":[],"from":{}})"})
        EXPECT_EQ(read(text).error().code, Errc::protocol) << text;
}

}  // namespace
}  // namespace batchd::hooks
