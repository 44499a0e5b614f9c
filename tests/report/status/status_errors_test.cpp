#include <gtest/gtest.h>

#include "report/status/status.hpp"
#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

using store::JobState;

struct StatusErrorsTest : ::testing::Test {
    testing::TempDir dir;

    /// A job that has ended with a failed request, and its folder.
    Status ended() {
        Status status;
        status.jobs.emplace_back().job.failed = 2;
        status.jobs[0].job.state = JobState::done;
        status.jobs[0].job.delivered_to = dir.path().string();
        status.details = Status::Details{};
        return status;
    }
};

TEST_F(StatusErrorsTest, AreReadOnceTheJobHasEnded) {
    dir.write("errors.jsonl", R"({"custom_id":"a","response":null,"error":{"code":"answer_lost"}})");
    Status status = ended();
    status.jobs[0].job.state = JobState::delivering;
    EXPECT_TRUE(read_errors(status));
    EXPECT_FALSE(status.details->errors);
    status.jobs[0].job.state = JobState::done;
    EXPECT_TRUE(read_errors(status));
    EXPECT_EQ(status.details->errors.value().groups.at(0).code, "answer_lost");
}

TEST_F(StatusErrorsTest, OfAJobWithoutAFailureThereAreNone) {
    Status status = ended();
    status.jobs[0].job.failed = 0;
    EXPECT_TRUE(read_errors(status));
    EXPECT_TRUE(status.details->errors.value().groups.empty());
}

TEST_F(StatusErrorsTest, OfAFolderThatWasTakenAwayNothingIsKnown) {
    Status status = ended();
    EXPECT_TRUE(read_errors(status));
    EXPECT_FALSE(status.details->errors);
}

TEST_F(StatusErrorsTest, AFileThatCannotBeReadIsToldApart) {
    std::filesystem::create_symlink("/etc/passwd", dir.path() / "errors.jsonl");
    Status status = ended();
    EXPECT_FALSE(read_errors(status));
    EXPECT_FALSE(status.details->errors);
}

}  // namespace
}  // namespace batchd::report
