#include "provider/provider.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

TEST(ProviderTest, UnderstandsStatusWordsOfSeveralServices) {
    EXPECT_EQ(parse_status("validating"), BatchStatus::validating);
    EXPECT_EQ(parse_status("IN_PROGRESS"), BatchStatus::in_progress);
    EXPECT_EQ(parse_status("Completed"), BatchStatus::completed);
    EXPECT_EQ(parse_status("canceled"), BatchStatus::cancelled);
    EXPECT_EQ(parse_status("CANCELING"), BatchStatus::cancelling);
    for (const char* word : {"queued", "in_queue", "pre_schedule", "PENDING"})
        EXPECT_EQ(parse_status(word), BatchStatus::validating) << word;
    for (const char* word : {"RUNNING", "PROGRESS", "processing"})
        EXPECT_EQ(parse_status(word), BatchStatus::in_progress) << word;
    EXPECT_EQ(parse_status("SUCCESS"), BatchStatus::completed);
    EXPECT_EQ(parse_status("TIMEOUT_EXCEEDED"), BatchStatus::expired);
    EXPECT_EQ(parse_status("CANCELLATION_REQUESTED"), BatchStatus::cancelling);
    for (const char* word : {"", "terminated", "paused", "complete", "completed "})
        EXPECT_EQ(parse_status(word), BatchStatus::unknown) << word;
}

TEST(ProviderTest, OnlyFourStatusesAreTheEnd) {
    for (const auto status :
         {BatchStatus::completed, BatchStatus::failed, BatchStatus::expired, BatchStatus::cancelled})
        EXPECT_TRUE(is_terminal(status));
    for (const auto status : {BatchStatus::validating, BatchStatus::in_progress, BatchStatus::finalizing,
                              BatchStatus::cancelling, BatchStatus::unknown})
        EXPECT_FALSE(is_terminal(status));
}

TEST(ProviderTest, WritesAFailureInOneLine) {
    Failure failure;
    failure.kind = FailureKind::rate_limited;
    failure.http_status = 429;
    failure.code = "rate_limit_exceeded";
    failure.message = "Please slow down";
    EXPECT_EQ(to_string(failure), "429 rate_limit_exceeded: Please slow down");
    failure.http_status = 0;
    failure.code.clear();
    EXPECT_EQ(to_string(failure), "Please slow down");
    failure.message.clear();
    EXPECT_EQ(to_string(failure), "rate_limited");
}

}  // namespace
}  // namespace batchd::provider
