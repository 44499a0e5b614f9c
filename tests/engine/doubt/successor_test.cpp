#include "engine/doubt/successor.hpp"

#include <gtest/gtest.h>

#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using spool::ShardFile;

struct SuccessorTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path()};

    SuccessorTest() {
        make_directory(layout.work_directory("job")).value();
        testing::write_rows(file(1, ShardFile::prepared), "{}\n");
    }
    Path file(std::uint64_t attempt, ShardFile kind) const {
        return layout.shard_file("job", {3, attempt}, kind);
    }
    void write(std::uint64_t attempt, ShardFile kind) { replace_file(file(attempt, kind), "x\n").value(); }
    Successor found() { return successor_of(layout, "job", {3, 1}).value(); }
};

TEST_F(SuccessorTest, OfAnAttemptThatIsToBeSentThereIsNone) {
    EXPECT_EQ(found(), Successor::none);
}

TEST_F(SuccessorTest, ANoteIsEnoughToKnowThatItGoesToTheFallback) {
    write(2, ShardFile::provider);
    EXPECT_EQ(found(), Successor::fallback);
    testing::write_rows(file(2, ShardFile::prepared), "{}\n");
    EXPECT_EQ(found(), Successor::fallback);
}

TEST_F(SuccessorTest, LinesWithoutANoteAreForTheSameProvider) {
    testing::write_rows(file(2, ShardFile::prepared), "{}\n");
    EXPECT_EQ(found(), Successor::same);
}

TEST_F(SuccessorTest, WhatWasSentCountsWithoutItsLines) {
    write(2, ShardFile::batch_id);
    EXPECT_EQ(found(), Successor::same);
}

TEST_F(SuccessorTest, ACutGoesBeforeTheAttemptThatItBeginsWith) {
    write(1, ShardFile::cut);
    testing::write_rows(file(2, ShardFile::prepared), "{}\n");
    EXPECT_EQ(found(), Successor::cut);
}

}  // namespace
}  // namespace batchd::engine
