/// A file that can't be opened at the moment: SQLite then opens it for reading, and says nothing of it.

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

/// Makes one of SQLite's calls of open() for writing fail with EMFILE for as long as it lives: that after the
/// first `opens_before`. One at a time.
class ScarceDescriptors {
public:
    explicit ScarceDescriptors(int opens_before) {
        opens_left_ = opens_before;
        set(reinterpret_cast<sqlite3_syscall_ptr>(open));
    }
    ScarceDescriptors(const ScarceDescriptors&) = delete;
    ScarceDescriptors& operator=(const ScarceDescriptors&) = delete;
    ~ScarceDescriptors() { set(nullptr); }

    static bool were_missed() { return opens_left_ < 0; }

private:
    static void set(sqlite3_syscall_ptr call) {
        sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
        files->xSetSystemCall(files, "open", call);
    }
    static int open(const char* path, int flags, int mode) {
        if ((flags & O_ACCMODE) != O_RDWR || opens_left_ < 0 || opens_left_-- > 0)
            return ::open(path, flags, mode);
        errno = EMFILE;
        return -1;
    }

    inline static int opens_left_ = 0;
};

struct OpenErrorTest : ::testing::Test {
    TempDir dir;
    Path path = dir.path() / "batchd.db";
};

TEST_F(OpenErrorTest, WhicheverFileCouldNotBeOpenedForWritingItIsNotTakenForWritable) {
    ASSERT_TRUE(open_store(path, OpenMode::read_write));
    int failed = 0;
    for (int open = 0;; ++open) {
        const ScarceDescriptors descriptors(open);
        const auto opened = open_store(path, OpenMode::read_write);
        if (!descriptors.were_missed()) break;
        ASSERT_FALSE(opened) << "open " << open;
        EXPECT_NE(to_string(opened.error()).find("could be opened for reading only"), std::string::npos)
            << to_string(opened.error());
        const auto again = open_store(path, OpenMode::read_write);
        ASSERT_TRUE(again) << "there are descriptors again: " << to_string(again.error());
        EXPECT_TRUE((*again)->events.add({}, {}, "", "test", ""));
        ++failed;
    }
    EXPECT_EQ(failed, 3) << "the database, its log, and the index of that";
}

}  // namespace
}  // namespace batchd::store
