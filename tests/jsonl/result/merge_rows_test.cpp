#include "jsonl/result/merge_rows.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::TempDir;

std::string text_of(std::uint64_t line) {
    return "row " + std::to_string(line) + std::string(line % 50 * 10, '.');
}

Path write_piece(const TempDir& dir, std::size_t number, const std::vector<std::uint64_t>& lines) {
    const Path path = dir.path() / ("piece-" + std::to_string(number));
    auto writer = RowFileWriter::create(path);
    for (const std::uint64_t line : lines) EXPECT_TRUE(writer->append(line, {line, 0}, text_of(line)));
    EXPECT_TRUE(writer->commit());
    return path;
}

/// Deals the lines 1 to `lines` out to `pieces` files at random.
std::vector<Path> deal(const TempDir& dir, std::size_t pieces, std::uint64_t lines) {
    std::mt19937 random(7);
    std::vector<std::vector<std::uint64_t>> hands(pieces);
    for (std::uint64_t line = 1; line <= lines; ++line) hands[random() % pieces].push_back(line);
    std::vector<Path> paths;
    for (std::size_t i = 0; i < pieces; ++i) paths.push_back(write_piece(dir, i, hands[i]));
    return paths;
}

void expect_all_in_order(std::size_t pieces, std::uint64_t lines, std::size_t pieces_max,
                         std::size_t memory_bytes) {
    const TempDir dir, scratch;
    std::uint64_t seen = 0;
    std::uint64_t bytes = 0;
    const auto check = [&](const Row& row) -> Result<void> {
        ++seen;
        bytes += row.text.size() + 1;
        EXPECT_EQ(row.line_number, seen);
        EXPECT_EQ(row.text, text_of(seen));
        EXPECT_EQ(row.id, (Digest128{seen, 0}));
        return {};
    };
    const auto counts =
        merge_rows(deal(dir, pieces, lines), check, {scratch.path(), pieces_max, memory_bytes});
    ASSERT_TRUE(counts) << to_string(counts.error());
    EXPECT_EQ(counts->rows, lines);
    EXPECT_EQ(counts->bytes, bytes);
    EXPECT_EQ(seen, lines);
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(MergeRowsTest, GivesAllRowsInTheOrderOfTheInput) {
    expect_all_in_order(1, 100, 200, 8 * 1024 * 1024);
    expect_all_in_order(5, 3000, 200, 8 * 1024 * 1024);
}

TEST(MergeRowsTest, WorksWithTheSmallestBuffers) {
    expect_all_in_order(20, 3000, 200, 1);
}

TEST(MergeRowsTest, MergesInStepsWhatIsTooManyToOpen) {
    for (const std::size_t pieces : {2U, 3U, 4U, 7U, 30U}) expect_all_in_order(pieces, 300, 3, 64 * 1024);
    expect_all_in_order(7, 300, 0, 64 * 1024);
}

TEST(MergeRowsTest, TakesPiecesWithoutRowsAndNoPieces) {
    const TempDir dir;
    const auto never = [](const Row&) -> Result<void> { return error(Errc::illegal, "no rows"); };
    EXPECT_EQ(merge_rows({}, never, {dir.path()}).value().rows, 0U);
    EXPECT_EQ(
        merge_rows({write_piece(dir, 1, {}), write_piece(dir, 2, {})}, never, {dir.path()}).value().rows, 0U);
}

TEST(MergeRowsTest, NamesALineThatIsThereTwice) {
    const TempDir dir;
    const auto any = [](const Row&) -> Result<void> { return {}; };
    const auto merged =
        merge_rows({write_piece(dir, 1, {1, 4}), write_piece(dir, 2, {2, 4, 5})}, any, {dir.path()});
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.error().code, Errc::corrupt);
    EXPECT_NE(merged.error().context.find("line 4 is there twice"), std::string::npos)
        << merged.error().context;
}

TEST(MergeRowsTest, StopsWhereTheSinkFails) {
    const TempDir dir;
    int calls = 0;
    const auto full = [&](const Row&) -> Result<void> {
        if (++calls == 2) return error(Errc::too_large, "full");
        return {};
    };
    EXPECT_EQ(merge_rows({write_piece(dir, 1, {1, 2, 3})}, full, {dir.path()}).error().code, Errc::too_large);
    EXPECT_EQ(calls, 2);
}

TEST(MergeRowsTest, PassesOnADamagedPiece) {
    const TempDir dir;
    const Path piece = write_piece(dir, 1, {1, 2});
    std::filesystem::resize_file(piece, 3);
    const auto any = [](const Row&) -> Result<void> { return {}; };
    EXPECT_EQ(merge_rows({piece}, any, {dir.path()}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace batchd::jsonl
