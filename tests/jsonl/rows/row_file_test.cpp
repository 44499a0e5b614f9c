#include "jsonl/rows/row_file.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/disk/checksum.hpp"
#include "jsonl/rows/random_rows.hpp"
#include "jsonl/rows/row_texts.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::slurp;
using testing::TempDir;

void overwrite(const TempDir& dir, const Path& path, std::size_t at, std::string_view bytes) {
    std::string content = slurp(path);
    content.replace(at, bytes.size(), bytes);
    dir.write(path.filename().string(), content);
}

TEST(RowFileTest, GivesBackWhatWasWritten) {
    const TempDir dir;
    const std::vector<Text> rows = {
        {1, "one"}, {3, ""}, {17, "cr\r"}, {18, std::string(20'000, 'x')}, {19, "last"}};
    const Path path = write_rows(dir.path() / "rows.jsonl", rows);
    EXPECT_EQ(read_rows(path).value(), rows);
    EXPECT_EQ(slurp(path), "one\n\ncr\r\n" + std::string(20'000, 'x') + "\nlast\n");
}

/// The bytes of the example in lib/FORMATS.md: the first block whose lines begin with two hexadecimal digits.
std::string example_of_an_index() {
    const std::string page = slurp(FORMATS_PAGE);
    std::istringstream block(page.substr(page.find("```\n62 61 ") + 4));
    std::string bytes;
    for (std::string byte; block >> byte && byte != "```";)
        bytes += static_cast<char>(std::stoi(byte, nullptr, 16));
    return bytes;
}

TEST(RowFileTest, WritesTheBytesThatTheAccountOfTheFormatsShows) {
    const TempDir dir;
    const Path path = dir.path() / "rows.jsonl";
    auto writer = RowFileWriter::create(path);
    ASSERT_TRUE(writer->append(1, digest128("a"), R"({"custom_id":"a"})"));
    const std::string_view line = R"({"custom_id":"b","body":{}})";
    const RowForm form{R"({"custom_id":)", R"(,"body":)", "}"};
    ASSERT_TRUE(writer->append_made(3, digest128("b"), {"input.jsonl", 18, line.size(), checksum64(line)},
                                    form, {.id_at = 13, .id_bytes = 3, .body_at = 24, .body_bytes = 2}));
    ASSERT_TRUE(writer->commit());
    EXPECT_EQ(slurp(dir.path() / "rows.jsonl.rows"), example_of_an_index());
}

TEST(RowFileTest, MayBeEmpty) {
    const TempDir dir;
    const Path path = write_rows(dir.path() / "rows.jsonl", {});
    EXPECT_TRUE(read_rows(path).value().empty());
    EXPECT_TRUE(RowIndex::load(path).value().rows().empty());
}

TEST(RowFileTest, IndexesEveryRow) {
    const TempDir dir;
    std::vector<Text> rows;
    for (std::uint64_t i = 1; i <= 3000; ++i) rows.push_back({i * 2, std::to_string(i)});
    const auto index = RowIndex::load(write_rows(dir.path() / "rows.jsonl", rows)).value();
    ASSERT_EQ(index.rows().size(), 3000U);
    EXPECT_EQ(index.rows()[9].line_number, 20U);
    EXPECT_EQ(index.rows()[9].size, 2U);
    EXPECT_EQ(index.rows()[2999].id, digest128("3000"));
}

TEST(RowFileTest, ShowsNothingBeforeItIsCommitted) {
    const TempDir dir;
    {
        auto writer = RowFileWriter::create(dir.path() / "rows.jsonl");
        ASSERT_TRUE(writer->append(1, {}, "x"));
        EXPECT_FALSE(file_exists(dir.path() / "rows.jsonl").value());
        EXPECT_FALSE(file_exists(dir.path() / "rows.jsonl.rows").value());
        EXPECT_EQ(writer->count(), 1U);
        EXPECT_EQ(writer->size_bytes(), 2U);
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(RowFileTest, RefusesLinesOutOfOrder) {
    const TempDir dir;
    auto writer = RowFileWriter::create(dir.path() / "rows.jsonl");
    ASSERT_TRUE(writer->append(5, {}, "x"));
    EXPECT_EQ(writer->append(5, {}, "y").error().code, Errc::corrupt);
}

TEST(RowFileTest, LooksAtARowWithoutGoingOn) {
    const TempDir dir;
    auto reader =
        RowFileReader::open(write_rows(dir.path() / "rows.jsonl", {{4, "four"}, {5, "five"}})).value();
    EXPECT_EQ(reader.peek().value()->line_number, 4U);
    EXPECT_EQ(reader.peek().value()->line_number, 4U);
    Row row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(reader.peek().value()->line_number, 5U);
    EXPECT_EQ(row.text, "four");
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(reader.peek().value(), nullptr);
}

TEST(RowFileTest, FindsDamageInTextAndIndex) {
    const std::string changes[] = {"cut text", "long text", "changed text", "cut index",
                                   "magic",    "order",     "count"};
    for (const std::string& change : changes) {
        const TempDir dir;
        const Path path = write_rows(dir.path() / "rows.jsonl", {{1, "one"}, {2, "two"}, {3, "three"}});
        Path index = path;
        index += ".rows";
        if (change == "cut text") std::filesystem::resize_file(path, 13);
        if (change == "long text") std::filesystem::resize_file(path, 15);
        if (change == "changed text") overwrite(dir, path, 1, "x");
        if (change == "cut index") std::filesystem::resize_file(index, 8 + 64);
        if (change == "magic") overwrite(dir, index, 7, "9");
        if (change == "order") overwrite(dir, index, 8 + 64, "\1");
        if (change == "count") overwrite(dir, index, std::filesystem::file_size(index) - 56, "\2");
        const auto read = read_rows(path);
        ASSERT_FALSE(read) << change;
        EXPECT_EQ(read.error().code, Errc::corrupt) << change;
        EXPECT_NE(read.error().context.find("rows.jsonl"), std::string::npos) << read.error().context;
        const auto loaded = RowIndex::load(path);
        EXPECT_EQ(loaded.has_error(), change != "changed text") << change;  // it does not look at the text
    }
}

TEST(RowFileTest, FindsEachChangedByteOfTheIndex) {
    const TempDir dir;
    const Path path = write_rows(dir.path() / "rows.jsonl", {{1, "one"}, {2, "two"}});
    Path index = path;
    index += ".rows";
    const std::string good = slurp(index);
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x80);
        dir.write("rows.jsonl.rows", bad);
        EXPECT_TRUE(read_rows(path).has_error()) << at;
        EXPECT_TRUE(RowIndex::load(path).has_error()) << at;
    }
}

std::string first_row(std::uint64_t line, std::uint64_t offset, std::string_view text) {
    const Digest128 id = digest128(text);
    return testing::eight_bytes(line) + testing::eight_bytes(offset) + testing::eight_bytes(text.size()) +
           testing::eight_bytes(id[0]) + testing::eight_bytes(id[1]);
}

TEST(RowFileTest, ReadsWhatTheFirstVersionWrote) {
    const TempDir dir;
    const Path path = dir.write("rows.jsonl", "one\n\nthree\n");
    const std::string rows = first_row(2, 0, "one") + first_row(4, 4, "") + first_row(7, 5, "three");
    const std::string index =
        "batchdR1" + rows + testing::eight_bytes(3) + testing::eight_bytes(11) + "batchdRE";
    dir.write("rows.jsonl.rows", index);
    EXPECT_EQ(read_rows(path).value(), (std::vector<Text>{{2, "one"}, {4, ""}, {7, "three"}}));
    EXPECT_EQ(RowIndex::load(path).value().rows()[2].size, 5U);
    EXPECT_EQ(text_bytes_of(path).value(), 11U);
    EXPECT_EQ(file_with_all_of(path).value(), path);
    auto random = RandomRows::open(path).value();
    EXPECT_EQ(random.at(random.find(3).value()).value().line_number, 4U);

    dir.write("rows.jsonl", "one\n\nthreex");
    EXPECT_EQ(read_rows(path).error().code, Errc::corrupt) << "its LF is not where it should be";
    dir.write("rows.jsonl", "one\n\nthree\n");
    dir.write("rows.jsonl.rows", "batchdR1" + rows.substr(0, 80) + testing::eight_bytes(3) +
                                     testing::eight_bytes(11) + "batchdRE");
    EXPECT_EQ(read_rows(path).error().code, Errc::corrupt);
    dir.write("rows.jsonl.rows", index);
    ASSERT_TRUE(remove_file(path));
    EXPECT_FALSE(row_file_exists(path).value());
}

TEST(RowFileTest, IsRemovedWithItsIndex) {
    const TempDir dir;
    const Path path = write_rows(dir.path() / "rows.jsonl", {{1, "one"}});
    ASSERT_TRUE(remove_row_file(path));
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
    EXPECT_TRUE(remove_row_file(path));
}

}  // namespace
}  // namespace batchd::jsonl
