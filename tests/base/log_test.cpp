#include "base/log.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

TEST(PrintableTest, KeepsTextOfAllScripts) {
    EXPECT_EQ(printable("Größe 日本語 😀 café"), "Größe 日本語 😀 café");
}

TEST(PrintableTest, ShowsControlsAndInvalidBytesAsHex) {
    EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
    EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // C1: a terminal's CSI
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
}

TEST(PrintableTest, MarksThatTurnTheDirectionOfTextAreSeen) {
    EXPECT_EQ(printable("a\u202Eb"), "a\\xe2\\x80\\xaeb");
    for (const char* mark : {"\u061C", "\u200E", "\u200F", "\u202A", "\u202E", "\u2066", "\u2069"})
        EXPECT_EQ(printable(mark).find(mark), std::string::npos) << printable(mark);
    for (const char* text : {"\u200D", "\u2029", "\u202F", "\u2065", "\u206A", "\u05D0", "\u061B"})
        EXPECT_EQ(printable(text), text);
}

TEST(ShortenedTest, IsCutBetweenTwoCharacters) {
    EXPECT_EQ(shortened("short", 5), "short");
    EXPECT_EQ(shortened("too long", 7), "too ...");
    EXPECT_EQ(shortened("a\u00e9\u00e9\u00e9", 6), "a\u00e9...") << "seven bytes";
    EXPECT_EQ(shortened(std::string(1000, 'x')).size(), 300U);
}

TEST(LogTest, WritesOneLineAnEventWithItsSubjectAndPriority) {
    ::testing::internal::CaptureStderr();
    Log log(LogLevel::info, Log::Format::journal);
    log.write(LogLevel::info, "batch_created", {.job = "articles", .batch = "batch_1"},
              "5 requests\n<0>forged");
    log.write(LogLevel::debug, "hidden", {}, "below the level");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "<6>batch_created job=articles batch=batch_1: 5 requests\\x0a<0>forged\n");
}

TEST(LogTest, NeverWritesASecret) {
    ::testing::internal::CaptureStderr();
    Log log(LogLevel::info, Log::Format::journal);
    log.add_secret("sk-secret-123");
    log.write(LogLevel::error, "refused", {}, "Incorrect API key provided: sk-secret-123, sk-secret-123.");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "<3>refused: Incorrect API key provided: [redacted], [redacted].\n");
}

}  // namespace
}  // namespace batchd
