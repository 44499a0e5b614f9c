#include "engine/collect/cut_file.hpp"

#include <gtest/gtest.h>

#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

constexpr const char* kJob = "00000000-0000-4000-8000-000000000001";

struct CutFileTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path()};
    const std::vector<CutPart> parts{{{1, 2}, 10}, {{7, 1}, 10}, {{8, 1}, 3}};

    CutFileTest() { make_directory(layout.work_directory(kJob)).value(); }
    Path of(std::uint64_t shard) const { return layout.shard_file(kJob, {shard, 1}, spool::ShardFile::cut); }
};

TEST_F(CutFileTest, IsReadBackAsItWasWritten) {
    ASSERT_TRUE(write_cut_file(of(1), parts));
    EXPECT_EQ(read_cut_file(of(1)).value(), parts);
    EXPECT_FALSE(read_cut_file(of(2)).value());
}

TEST_F(CutFileTest, IsRefusedWhenItIsNotAsItWasWritten) {
    for (const auto* text :
         {"", "[{]", "{}", R"([{"shard":1,"attempt":2}])", R"([{"shard":-1,"attempt":2,"requests":3}])"}) {
        replace_file(of(1), text).value();
        EXPECT_EQ(read_cut_file(of(1)).error().code, Errc::corrupt) << text;
    }
}

TEST_F(CutFileTest, TellsWhichNumbersAreTaken) {
    EXPECT_EQ(last_shard_in_work(layout, kJob).value(), 0U);
    ASSERT_TRUE(write_cut_file(of(1), parts));
    ASSERT_TRUE(write_cut_file(of(2), {{{2, 2}, 1}, {{11, 1}, 1}}));
    EXPECT_EQ(last_shard_in_work(layout, kJob).value(), 11U);
    testing::write_rows(layout.shard_file(kJob, {12, 1}, spool::ShardFile::prepared), "{}\n");
    EXPECT_EQ(last_shard_in_work(layout, kJob).value(), 12U) << "of a cut that came to nothing";
}

}  // namespace
}  // namespace batchd::engine
