#include <gtest/gtest.h>

#include "system/requests.hpp"
#include "torture/disk_recorder.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"

namespace batchd::torture {
namespace {

/// What of `tree` is in a folder of it, but for names that begin with a dot.
Tree part(const Tree& tree, const std::string& folder) {
    Tree found;
    for (const auto& [path, content] : tree)
        if (path.starts_with(folder) && path.find("/.") == std::string::npos) found.emplace(path, content);
    return found;
}

class DurabilityTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (const std::string why = why_not_traceable(); !why.empty()) GTEST_SKIP() << why;
    }
    /// A whole run in peace, and the power goes once it has ended.
    void run() {
        recorder_.emplace(scenario_.bench().root(), KillPoint::kNever);
        const Ending ending = run_traced(scenario_.command(), DiskRecorder::effects(), *recorder_, kLifeMax);
        EXPECT_EQ(ending.exit_code, 1);  // one file is rejected
        EXPECT_TRUE(compare(*recorder_, scenario_.bench().root()).empty());
        std::mt19937_64 random(1);
        left_ = recorder_->disk().after_power_cut(Survival::synced_only, random).tree;
        seen_ = recorder_->disk().as_seen().tree;
    }
    Scenario scenario_{Path()};
    std::optional<DiskRecorder> recorder_;
    Tree left_, seen_;
};

TEST_F(DurabilityTest, AllThatIsPublishedIsSafeAtOnce) {
    run();
    EXPECT_EQ(part(left_, "spool/outbox/"), part(seen_, "spool/outbox/"));
    EXPECT_EQ(part(left_, "spool/rejected/"), part(seen_, "spool/rejected/"));
    EXPECT_TRUE(left_.contains("spool/outbox/letters/output.jsonl"));
    EXPECT_TRUE(left_.contains("spool/rejected/scrap/reason.txt"));
}

TEST_F(DurabilityTest, WhatWasTakenDoesNotComeBackIntoTheInbox) {
    run();
    EXPECT_EQ(part(left_, "spool/inbox/"), (Tree{{"spool/inbox/", ""}, {"spool/inbox/memos/", ""}}));
}

TEST_F(DurabilityTest, FilesThatAreTakenTogetherAreSafeTogether) {
    // So many that the whole file system is synced for them, and not each.
    for (int i = 1; i <= 12; ++i) {
        const std::string name = "many_" + std::to_string(i);
        scenario_.bench().drop_into("memos", name, testing::file_of({testing::chat_line(name, "gpt-4o")}));
    }
    run();
    EXPECT_EQ(part(left_, "spool/outbox/"), part(seen_, "spool/outbox/"));
    EXPECT_TRUE(left_.contains("spool/outbox/memos/many_12/output.jsonl"));
    EXPECT_TRUE(left_.contains("spool/outbox/memos/many_12/input.jsonl"));
    EXPECT_EQ(part(left_, "spool/inbox/"), (Tree{{"spool/inbox/", ""}, {"spool/inbox/memos/", ""}}));
}

TEST_F(DurabilityTest, TheDatabaseIsSafeFromTheFirstStartOn) {
    run();
    EXPECT_TRUE(left_.contains("state/batchd.db"));
    EXPECT_TRUE(left_.contains("state/work/"));
}

}  // namespace
}  // namespace batchd::torture
