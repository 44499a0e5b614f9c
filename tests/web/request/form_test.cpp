#include "web/request/form.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

TEST(FormTest, DecodesPercents) {
    EXPECT_EQ(percent_decoded("a%2Fb%c3%bc"), "a/bü");
    EXPECT_EQ(percent_decoded("100%"), std::nullopt);
    EXPECT_EQ(percent_decoded("%4"), std::nullopt);
    EXPECT_EQ(percent_decoded("%zz"), std::nullopt);
    EXPECT_EQ(percent_decoded("name%00.jsonl"), std::nullopt) << "a 0 byte would cut a path";
}

TEST(FormTest, ReadsFields) {
    const Fields fields = Fields::parse("queue=nightly&q=two+words%26&empty=&bare&queue=other&bad=%G1");
    EXPECT_EQ(fields["queue"], "nightly");
    EXPECT_EQ(fields["q"], "two words&");
    EXPECT_EQ(fields["empty"], "");
    EXPECT_EQ(fields["bare"], "");
    EXPECT_EQ(fields["bad"], "");
    EXPECT_EQ(fields["none"], "");
}

TEST(FormTest, FindsACookieAmongOthers) {
    EXPECT_EQ(cookie("a=1; batchd_session=x.y; b=2", "batchd_session"), "x.y");
    EXPECT_EQ(cookie("xbatchd_session=1", "batchd_session"), "");
    EXPECT_EQ(cookie("batchd_session", "batchd_session"), "");
    EXPECT_EQ(cookie("", "batchd_session"), "");
}

}  // namespace
}  // namespace batchd::web
