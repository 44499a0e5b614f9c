#include "provider/openai/file_wait.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

using namespace std::chrono_literals;

Answer<FileObject> file_that_is(std::string word) {
    FileObject file;
    file.id = "file-1";
    file.status_word = std::move(word);
    return file;
}

Failure failure_of(FailureKind kind, unsigned status) {
    Failure failure;
    failure.kind = kind;
    failure.http_status = status;
    return failure;
}

TEST(FileWaitTest, AWordSaysWhetherABatchCanBeMade) {
    for (const char* const word : {"", "processed", "succeeded"})
        EXPECT_EQ(readiness_of(word), Readiness::ready) << word;
    for (const char* const word : {"pending", "uploaded", "running", "looking"})
        EXPECT_EQ(readiness_of(word), Readiness::not_yet) << word;
    for (const char* const word : {"error", "failed"})
        EXPECT_EQ(readiness_of(word), Readiness::broken) << word;
}

TEST(FileWaitTest, AFileThatIsNotReadyIsWaitedForWithoutAnyEffect) {
    FileWait wait;
    const auto failure = wait.judge("file-1", file_that_is("pending"), 0ms);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, FailureKind::unavailable);
    EXPECT_EQ(failure->http_status, 200U) << "the provider did answer";
    EXPECT_EQ(failure->message, "the file file-1 is still being looked through: pending");
    EXPECT_FALSE(wait.judge("file-1", file_that_is("processed"), 1s));
}

TEST(FileWaitTest, AfterHalfAnHourTheProviderIsAskedWhatIsWrong) {
    FileWait wait;
    EXPECT_TRUE(wait.judge("file-1", file_that_is("pending"), 0ms));
    EXPECT_TRUE(wait.judge("file-1", file_that_is("pending"), 30min - 1ms));
    EXPECT_TRUE(wait.judge("file-2", file_that_is("pending"), 30min)) << "another file's time begins";
    EXPECT_FALSE(wait.judge("file-1", file_that_is("pending"), 30min));
    EXPECT_TRUE(wait.judge("file-1", file_that_is("pending"), 30min)) << "it begins anew";
}

TEST(FileWaitTest, AProviderThatShowsNoSingleFilesIsNotWaitedFor) {
    FileWait wait;
    EXPECT_FALSE(wait.judge("file-1", failure_of(FailureKind::not_found, 404), 0ms));
    EXPECT_FALSE(wait.judge("file-1", failure_of(FailureKind::refused, 405), 0ms));
    EXPECT_FALSE(wait.judge("file-1", failure_of(FailureKind::unavailable, 405), 0ms));
    EXPECT_FALSE(wait.judge("file-1", failure_of(FailureKind::unsupported, 501), 0ms));
}

TEST(FileWaitTest, AnyOtherFailureIsTheAnswer) {
    FileWait wait;
    const auto failure = wait.judge("file-1", failure_of(FailureKind::rate_limited, 429), 0ms);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, FailureKind::rate_limited);
}

TEST(FileWaitTest, AFileThatCannotBeUsedEndsIt) {
    FileWait wait;
    const auto failure = wait.judge("file-1", file_that_is("error"), 0ms);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, FailureKind::refused);
    EXPECT_EQ(failure->message, "the provider can't use the file file-1: error");
}

}  // namespace
}  // namespace batchd::provider
