#include "http/header/retry_after.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr TimePoint kMoment = TimePoint(784'111'777s);

TEST(RetryAfterTest, ReadsTheThreeFormsOfAnHttpDate) {
    for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994", "  Sun, 06 Nov 1994 08:49:37 GMT  "})
        EXPECT_EQ(parse_http_date(text), kMoment) << text;
}

TEST(RetryAfterTest, RefusesWhatIsNoHttpDate) {
    for (const char* text : {"", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                             "Sun, 06 Nov 1994 08:49:37 GMT trailing", "Sun, 06 Xxx 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z"})
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(RetryAfterTest, ReadsSecondsWithOrWithoutAFraction) {
    EXPECT_EQ(parse_retry_after("0", kMoment), 0ms);
    EXPECT_EQ(parse_retry_after(" 20 ", kMoment), 20s);
    EXPECT_EQ(parse_retry_after("1.5", kMoment), 1500ms);
    EXPECT_EQ(parse_retry_after("0.0001", kMoment), 1ms);
}

TEST(RetryAfterTest, CountsADateFromNow) {
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", kMoment), 60s);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kMoment), std::nullopt);
    EXPECT_EQ(parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", kMoment), std::nullopt);
}

TEST(RetryAfterTest, TakesGarbageAndNegativeNumbersForNothing) {
    for (const char* text :
         {"", " ", "-1", "soon", "1e400", "inf", "nan", "0x10", "1.2.3", ".", "5 minutes", "6m0s", "+5"})
        EXPECT_EQ(parse_retry_after(text, kMoment), std::nullopt) << text;
}

TEST(RetryAfterTest, CutsWhatIsHuge) {
    EXPECT_EQ(parse_retry_after("99999999999999999999999999", kMoment), kRetryAfterMax);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 2094 08:49:37 GMT", kMoment), kRetryAfterMax);
    EXPECT_EQ(parse_retry_after_ms("99999999999999999999999999"), kRetryAfterMax);
}

TEST(RetryAfterTest, ReadsMilliseconds) {
    EXPECT_EQ(parse_retry_after_ms("700"), 700ms);
    EXPECT_EQ(parse_retry_after_ms("-700"), std::nullopt);
    EXPECT_EQ(parse_retry_after_ms("700ms"), std::nullopt);
}

}  // namespace
}  // namespace batchd::http
