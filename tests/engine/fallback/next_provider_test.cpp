#include "engine/fallback/next_provider.hpp"

#include <gtest/gtest.h>

#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

struct NextProviderTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path()};
    spool::ShardAttempt next{3, 2};

    NextProviderTest() { make_directory(layout.work_directory("job")).value(); }
    NextProvider decide(NextProvider wish) {
        return decide_next_provider(layout, "job", next, wish, "gpu").value();
    }
    Path file(spool::ShardFile kind) const { return layout.shard_file("job", next, kind); }
};

TEST_F(NextProviderTest, AWishIsNotedBeforeItIsFollowed) {
    EXPECT_EQ(decide(NextProvider::fallback), NextProvider::fallback);
    EXPECT_EQ(testing::slurp(file(spool::ShardFile::provider)), "gpu\n");
}

TEST_F(NextProviderTest, WhatWasDecidedBeforeStaysSo) {
    decide(NextProvider::fallback);
    EXPECT_EQ(decide(NextProvider::same), NextProvider::fallback);
}

TEST_F(NextProviderTest, LinesWithoutANoteWereForTheSame) {
    testing::write_rows(file(spool::ShardFile::prepared), "{}\n");
    EXPECT_EQ(decide(NextProvider::fallback), NextProvider::same);
    EXPECT_FALSE(file_exists(file(spool::ShardFile::provider)).value());
}

TEST_F(NextProviderTest, TheSameNeedsNoNote) {
    EXPECT_EQ(decide(NextProvider::same), NextProvider::same);
    EXPECT_FALSE(file_exists(file(spool::ShardFile::provider)).value());
}

}  // namespace
}  // namespace batchd::engine
