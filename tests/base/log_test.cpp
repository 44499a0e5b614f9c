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
