#include "hooks/cursor.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"

namespace batchd::hooks {
namespace {

TEST(CursorTest, IsReadBackAsItWasSaved) {
    const testing::TempDir dir;
    const Path file = dir.path() / "next.cursor";
    EXPECT_EQ(load_cursor(file).value(), std::nullopt);
    const Cursor cursor{12, 2, "msg_1", parse_utc_text("2026-11-28T20:00:00Z")};
    ASSERT_TRUE(save_cursor(file, cursor));
    EXPECT_EQ(load_cursor(file).value(), cursor);
    EXPECT_EQ(testing::slurp(file), "12 2\nmsg_1 2026-11-28T20:00:00Z\n");
}

TEST(CursorTest, OneOfAnEarlierVersionHasTheTimeOfItsFile) {
    const testing::TempDir dir;
    const Path file = dir.write("next.cursor", "12 2\n");
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
    EXPECT_EQ(load_cursor(file).value(), (Cursor{12, 2, "", TimePoint(std::chrono::seconds(1'000'000'000))}));
}

TEST(CursorTest, AnythingElseIsNoCursor) {
    const testing::TempDir dir;
    for (const char* const text :
         {"", "12", "12 2", "x 2\n", "12 x\n", "99999999999999999999 0\n", "12 2\nmsg_1\n",
          "12 2\nmsg_1 yesterday\n", "12 2\nmsg_1 2026-11-28T20:00:00Z"})
        EXPECT_EQ(load_cursor(dir.write("next.cursor", text)).error().code, Errc::corrupt) << text;
}

}  // namespace
}  // namespace batchd::hooks
