#include "jsonl/rows/split_rows.hpp"

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

struct SplitRowsTest : ::testing::Test {
    testing::TempDir dir;
    Path from = dir.path() / "all";

    SplitRowsTest() {
        auto writer = RowFileWriter::create(from).value();
        for (std::uint64_t line : {2U, 3U, 5U, 9U})
            writer.append(line, digest128(std::to_string(line)), "row " + std::to_string(line)).value();
        writer.commit().value();
    }
    Path part(int number) { return dir.path() / std::to_string(number); }
};

TEST_F(SplitRowsTest, KeepsOrderLineNumbersAndIds) {
    ASSERT_TRUE(split_rows(from, {{part(1), 1}, {part(2), 3}}));
    EXPECT_EQ(testing::slurp(part(1)), "row 2\n");
    EXPECT_EQ(testing::slurp(part(2)), "row 3\nrow 5\nrow 9\n");
    const auto index = RowIndex::load(part(2)).value();
    ASSERT_EQ(index.rows().size(), 3U);
    EXPECT_EQ(index.rows()[2].line_number, 9U);
    EXPECT_EQ(index.rows()[2].id, digest128("9"));
}

TEST_F(SplitRowsTest, CanBeDoneAgain) {
    ASSERT_TRUE(split_rows(from, {{part(1), 1}, {part(2), 3}}));
    ASSERT_TRUE(split_rows(from, {{part(1), 2}, {part(2), 2}}));
    EXPECT_EQ(testing::slurp(part(2)), "row 5\nrow 9\n");
}

TEST_F(SplitRowsTest, RefusesToLoseARowOrToMakeOneUp) {
    EXPECT_EQ(split_rows(from, {{part(1), 1}, {part(2), 2}}).error().code, Errc::corrupt);
    EXPECT_EQ(split_rows(from, {{part(1), 1}, {part(2), 4}}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace batchd::jsonl
