#include "jsonl/line_reader.hpp"

#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/disk/file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::TempDir;

struct Seen {
    std::string text;
    std::uint64_t number, offset, size;
    bool too_long;
    bool operator==(const Seen&) const = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
    *out << seen.number << '@' << seen.offset << '+' << seen.size << (seen.too_long ? " too long " : " ")
         << seen.text;
}

std::vector<Seen> read_lines(const Path& path, std::size_t max, std::size_t block) {
    const auto fd = open_file(path, O_RDONLY).value();
    LineReader reader(fd.get(), max, block);
    std::vector<Seen> lines;
    for (Line line; reader.next(line).value();)
        lines.push_back({std::string(line.text), line.number, line.offset, line.size, line.too_long});
    EXPECT_EQ(reader.bytes_read(), std::filesystem::file_size(path));
    return lines;
}

std::vector<Seen> lines_of(std::string_view content, std::size_t max = 1000, std::size_t block = 1000) {
    const TempDir dir;
    return read_lines(dir.write("in", content), max, block);
}

/// What the reader should do, said in the plainest way.
std::vector<Seen> naive(std::string_view content, std::size_t max) {
    std::vector<Seen> lines;
    std::size_t at = content.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (at < content.size()) {
        const std::size_t lf = content.find('\n', at);
        std::string text(content.substr(at, lf == std::string_view::npos ? lf : lf - at));
        const std::size_t used = text.size() + 1;
        if (lf != std::string_view::npos && text.ends_with('\r')) text.pop_back();
        const std::size_t size = text.size();
        if (size > max) text.clear();
        lines.push_back({text, lines.size() + 1, at, size, size > max});
        at += used;
    }
    return lines;
}

TEST(LineReaderTest, NumbersLinesFromOneAndCountsBlankOnes) {
    EXPECT_EQ(lines_of("a\n\nbc\n"),
              (std::vector<Seen>{{"a", 1, 0, 1, false}, {"", 2, 2, 0, false}, {"bc", 3, 3, 2, false}}));
}

TEST(LineReaderTest, HasNoLinesInAnEmptyFile) {
    EXPECT_TRUE(lines_of("").empty());
    EXPECT_TRUE(lines_of("\xEF\xBB\xBF").empty());
}

TEST(LineReaderTest, TakesALastLineWithoutLf) {
    EXPECT_EQ(lines_of("a\nb"), (std::vector<Seen>{{"a", 1, 0, 1, false}, {"b", 2, 2, 1, false}}));
}

TEST(LineReaderTest, StripsOneCrBeforeLfAndNoOther) {
    EXPECT_EQ(
        lines_of("a\r\nb\r\r\nc\rd\r"),
        (std::vector<Seen>{{"a", 1, 0, 1, false}, {"b\r", 2, 3, 2, false}, {"c\rd\r", 3, 7, 4, false}}));
}

TEST(LineReaderTest, StripsABomAtTheStartOnly) {
    EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                       "a\n\xEF\xBB\xBF"
                       "b\n"),
              (std::vector<Seen>{{"a", 1, 3, 1, false},
                                 {"\xEF\xBB\xBF"
                                  "b",
                                  2, 5, 4, false}}));
}

TEST(LineReaderTest, TakesNeitherNulNorLineSeparatorForALineEnd) {
    const std::string text("a\0b\u2028c\u0085", 9);
    EXPECT_EQ(lines_of(text + "\n"), (std::vector<Seen>{{text, 1, 0, 9, false}}));
}

TEST(LineReaderTest, DropsALineAboveTheLimitAndGoesOn) {
    for (const std::size_t block : {1U, 4U, 7U, 100U}) {
        EXPECT_EQ(lines_of("1234\n12345\r\n123456\n1\n1234567890123\r\nx\n123456", 5, block),
                  (std::vector<Seen>{{"1234", 1, 0, 4, false},
                                     {"12345", 2, 5, 5, false},
                                     {"", 3, 12, 6, true},
                                     {"1", 4, 19, 1, false},
                                     {"", 5, 21, 13, true},
                                     {"x", 6, 36, 1, false},
                                     {"", 7, 38, 6, true}}))
            << block;
    }
}

TEST(LineReaderTest, CutsAsANaiveSplitterDoesWhateverTheBlockSize) {
    std::mt19937 random(20261122);
    const TempDir dir;
    for (int round = 0; round < 300; ++round) {
        std::string content = round % 3 == 0 ? "\xEF\xBB\xBF" : "";
        const std::size_t size = random() % 200;
        while (content.size() < size) content += "ab\r\n\n\r\xEF"[random() % 7];
        const Path path = dir.write("in", content);
        const std::size_t max = random() % 12 + 1;
        for (const std::size_t block : {1U, 2U, 3U, 5U, 16U, 64U, 4096U})
            ASSERT_EQ(read_lines(path, max, block), naive(content, max))
                << "round " << round << " block " << block;
    }
}

TEST(LineReaderTest, GrowsForALineOfManyBlocks) {
    const std::string huge(300'000, 'x');
    EXPECT_EQ(lines_of("a\n" + huge + "\nb\n", 300'000, 1024),
              (std::vector<Seen>{
                  {"a", 1, 0, 1, false}, {huge, 2, 2, 300'000, false}, {"b", 3, 300'003, 1, false}}));
}

TEST(LineReaderTest, MeasuresALongLineBeforeItKeepsIt) {
    constexpr std::size_t kLong = 9'000'000;
    const std::string content = "a\n" + std::string(kLong, 'x') + "\r\nb\n" + std::string(kLong, 'y');
    const TempDir dir;
    const Path path = dir.write("in", content);
    EXPECT_EQ(read_lines(path, kLong, 1024), naive(content, kLong));
    EXPECT_EQ(read_lines(path, kLong - 1, 1024), naive(content, kLong - 1));
}

TEST(LineReaderTest, PassesOverHolesWithoutReadingThem) {
    constexpr std::uint64_t kHole = 300'000'000'000;
    const TempDir dir;
    const Path path = dir.write("in", "a\n");
    std::filesystem::resize_file(path, 2 + kHole);
    const auto fd = open_file(path, O_WRONLY | O_APPEND).value();
    write_all(fd.get(), "\r\nb\n").value();
    const auto lines = read_lines(path, 1000, 1024);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[1].too_long);
    EXPECT_EQ(lines[1].size, kHole);
    EXPECT_EQ(lines[2], (Seen{"b", 3, 2 + kHole + 2, 1, false}));
}

TEST(LineReaderTest, EndsInTheMiddleOfAFileWhenItIsStopped) {
    const TempDir dir;
    const auto fd = open_file(dir.write("in", std::string(100'000, 'x') + "\n"), O_RDONLY).value();
    std::stop_source stop;
    LineReader reader(fd.get(), 10, 1024, stop.get_token());
    stop.request_stop();
    Line line;
    EXPECT_EQ(reader.next(line).error().code, boost::system::errc::operation_canceled);
}

TEST(LineReaderTest, LeavesReadableBytesBehindEachLine) {
    const TempDir dir;
    const auto fd = open_file(dir.write("in", "ab\n123456"), O_RDONLY).value();
    LineReader reader(fd.get(), 100, 8);
    for (Line line; reader.next(line).value();) {
        const std::string with_padding(line.text.data(), line.text.size() + 64);  // a sanitizer would object
        EXPECT_TRUE(with_padding.starts_with(line.text));
    }
    EXPECT_EQ(reader.bytes_read(), 9U);
}

TEST(LineReaderTest, PassesOnAReadError) {
    const TempDir dir;
    const auto fd = open_file(dir.path(), O_RDONLY | O_DIRECTORY).value();
    LineReader reader(fd.get(), 100);
    Line line;
    EXPECT_EQ(reader.next(line).error().code, boost::system::errc::is_a_directory);
}

TEST(IsBlankTest, KnowsJsonsWhiteSpace) {
    EXPECT_TRUE(is_blank(""));
    EXPECT_TRUE(is_blank(" \t\r"));
    EXPECT_FALSE(is_blank(" x"));
    EXPECT_FALSE(is_blank("\u00A0"));
}

}  // namespace
}  // namespace batchd::jsonl
