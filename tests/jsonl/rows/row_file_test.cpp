#include "jsonl/rows/row_file.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::slurp;
using testing::TempDir;

struct Text {
    std::uint64_t line;
    std::string text;
    bool operator==(const Text&) const = default;
};

Path write_rows(const Path& path, const std::vector<Text>& rows) {
    auto writer = RowFileWriter::create(path, 16);
    for (const Text& row : rows) EXPECT_TRUE(writer->append(row.line, digest128(row.text), row.text));
    EXPECT_TRUE(writer->commit());
    return path;
}

Result<std::vector<Text>> read_rows(const Path& path, std::size_t buffer_bytes = 4096) {
    auto reader = RowFileReader::open(path, buffer_bytes);
    if (!reader) return reader.error();
    std::vector<Text> rows;
    for (Row row;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return rows;
        EXPECT_EQ(row.id, digest128(row.text));
        rows.push_back({row.line_number, std::string(row.text)});
    }
}

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
    for (const auto& [line, id] : {std::pair{1U, "a"}, std::pair{3U, "b"}}) {
        const std::string text = std::string(R"({"custom_id":")") + id + R"("})";
        ASSERT_TRUE(writer->append(line, digest128(id), text));
    }
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
    EXPECT_EQ(index.rows()[9].offset, 18U);
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
    const std::string changes[] = {"cut text", "long text", "moved line end", "cut index",
                                   "magic",    "order",     "offset",         "count"};
    for (const std::string& change : changes) {
        const TempDir dir;
        const Path path = write_rows(dir.path() / "rows.jsonl", {{1, "one"}, {2, "two"}, {3, "three"}});
        Path index = path;
        index += ".rows";
        if (change == "cut text") std::filesystem::resize_file(path, 13);
        if (change == "long text") std::filesystem::resize_file(path, 15);
        if (change == "moved line end") overwrite(dir, path, 3, "x");
        if (change == "cut index") std::filesystem::resize_file(index, 8 + 40);
        if (change == "magic") overwrite(dir, index, 7, "9");
        if (change == "order") overwrite(dir, index, 8 + 40, "\1");
        if (change == "offset") overwrite(dir, index, 8 + 40 + 8, "\5");
        if (change == "count") overwrite(dir, index, 8 + 120, "\2");
        const auto read = read_rows(path);
        ASSERT_FALSE(read) << change;
        EXPECT_EQ(read.error().code, Errc::corrupt) << change;
        EXPECT_NE(read.error().context.find("rows.jsonl"), std::string::npos) << read.error().context;
        const auto loaded = RowIndex::load(path);
        EXPECT_EQ(loaded.has_error(), change != "moved line end") << change;  // it does not look at the text
    }
}

TEST(RowFileTest, FindsEachChangedByteOfTheIndex) {
    const TempDir dir;
    const Path path = write_rows(dir.path() / "rows.jsonl", {{1, "one"}, {2, "two"}});
    Path index = path;
    index += ".rows";
    const std::string good = slurp(index);
    for (std::size_t at = 8; at < 8 + 80; ++at) {
        if ((at - 8) % 40 >= 24) continue;          // the digest is anybody's
        if (at >= 8 + 40 && at < 8 + 48) continue;  // so is the last line number, above the others
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x80);
        dir.write("rows.jsonl.rows", bad);
        EXPECT_TRUE(read_rows(path).has_error()) << at;
    }
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
