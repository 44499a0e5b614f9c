#include "base/disk/file.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

using testing::slurp;
using testing::TempDir;

TEST(FileWriterTest, ShowsTheFileOnlyWhenItIsCommitted) {
    const TempDir dir;
    const Path path = dir.path() / "out.jsonl";
    auto writer = FileWriter::create(path, 8);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append("short"));
    ASSERT_TRUE(writer->append("longer than the buffer"));
    EXPECT_FALSE(file_exists(path).value());
    ASSERT_TRUE(writer->commit());
    EXPECT_EQ(slurp(path), "shortlonger than the buffer");
    EXPECT_EQ(writer->size_bytes(), 27U);
}

TEST(FileWriterTest, LeavesNothingBehindWithoutCommit) {
    const TempDir dir;
    {
        auto writer = FileWriter::create(dir.path() / "out");
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->append("half"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(FileWriterTest, NamesThePathInAnError) {
    const auto writer = FileWriter::create("/nonexistent/dir/out");
    ASSERT_FALSE(writer);
    EXPECT_EQ(to_string(writer.error()), "open /nonexistent/dir/out.tmp: No such file or directory");
}

TEST(ReadFileTest, RefusesAFileAboveTheLimit) {
    const TempDir dir;
    const Path path = dir.write("key", "12345");
    EXPECT_EQ(read_file(path, 5).value(), "12345");
    const auto too_large = read_file(path, 4);
    ASSERT_FALSE(too_large);
    EXPECT_EQ(too_large.error().code, Errc::too_large);
}

TEST(ReadExactlyAtTest, SaysWhenTheFileEndsBefore) {
    const TempDir dir;
    const auto fd = open_file(dir.write("f", "abc"), 0);
    ASSERT_TRUE(fd);
    char two[2];
    ASSERT_TRUE(read_exactly_at(fd->get(), two, 2, 1));
    EXPECT_EQ(std::string_view(two, 2), "bc");
    EXPECT_EQ(read_exactly_at(fd->get(), two, 2, 2).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace batchd
