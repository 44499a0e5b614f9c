#include "hooks/cursor.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::hooks {
namespace {

TEST(CursorTest, IsReadBackAsItWasSaved) {
    const testing::TempDir dir;
    const Path file = dir.path() / "next.cursor";
    EXPECT_EQ(load_cursor(file).value(), std::nullopt);
    ASSERT_TRUE(save_cursor(file, {12, 2}));
    EXPECT_EQ(load_cursor(file).value(), (Cursor{12, 2}));
    EXPECT_EQ(testing::slurp(file), "12 2\n");
}

TEST(CursorTest, AnythingElseIsNoCursor) {
    const testing::TempDir dir;
    for (const char* const text : {"", "12", "12 2", "x 2\n", "12 x\n", "99999999999999999999 0\n"})
        EXPECT_EQ(load_cursor(dir.write("next.cursor", text)).error().code, Errc::corrupt) << text;
}

}  // namespace
}  // namespace batchd::hooks
