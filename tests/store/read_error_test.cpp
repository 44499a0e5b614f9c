/// A disk that can't be read at the moment: what SQLite says then sounds like damage, and is none.

#include <cerrno>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

/// Makes reads of SQLite's files fail with EIO for as long as it lives: `failures_max` of them, after the
/// first `reads_before`. One at a time.
class FailingDisk {
public:
    FailingDisk(int reads_before, int failures_max) {
        reads_left_ = reads_before;
        failures_left_ = failures_max;
        failures_ = 0;
        for (const char* name : {"pread", "pread64"}) set(name, reinterpret_cast<sqlite3_syscall_ptr>(read));
    }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;
    ~FailingDisk() {
        for (const char* name : {"pread", "pread64"}) set(name, nullptr);
    }

    static int failures() { return failures_; }

private:
    static void set(const char* name, sqlite3_syscall_ptr call) {
        sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
        files->xSetSystemCall(files, name, call);
    }
    static ssize_t read(int fd, void* to, std::size_t size, off_t from) {
        if (reads_left_-- > 0 || failures_left_ == 0) return ::pread(fd, to, size, from);
        --failures_left_;
        ++failures_;
        errno = EIO;
        return -1;
    }

    inline static int reads_left_ = 0, failures_left_ = 0, failures_ = 0;
};

constexpr int kForEver = 1'000'000'000;

struct ReadErrorTest : ::testing::Test {
    TempDir dir;
    Path path = dir.path() / "batchd.db";

    void make_database(int megabytes) const {
        const auto store = open_store(path, OpenMode::read_write).value();
        for (int i = 0; i < megabytes; ++i)
            ASSERT_TRUE(store->events.add({}, {}, "", "test", std::string(1'000'000, 'x')));
    }
};

void expect_unreadable(const Result<void>& result, int read) {
    ASSERT_FALSE(result) << "read " << read;
    EXPECT_EQ(result.error().code.category(), sqlite_category()) << to_string(result.error());
    EXPECT_EQ(result.error().code.value() & 0xff, SQLITE_IOERR) << "read " << read;
    EXPECT_FALSE(is_damage(result.error())) << to_string(result.error());
}

TEST_F(ReadErrorTest, WhicheverReadFailsWhenItIsOpenedItIsNotCalledDamaged) {
    make_database(1);
    int failed = 0;
    for (int read = 0;; ++read) {
        const FailingDisk disk(read, 1);
        const auto opened = open_store(path, OpenMode::read_write);
        if (disk.failures() == 0) break;
        expect_unreadable(opened ? Result<void>() : opened.error(), read);
        EXPECT_TRUE(open_store(path, OpenMode::read_write)) << "it can be read again";
        ++failed;
    }
    EXPECT_GT(failed, 100) << "the check reads every page";
}

TEST_F(ReadErrorTest, ADiskThatStaysUnreadableIsNamed) {
    make_database(1);
    const FailingDisk disk(20, kForEver);
    const auto opened = open_store(path, OpenMode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_NE(to_string(opened.error()).find("could not be read (Input/output error); look at the disk"),
              std::string::npos)
        << to_string(opened.error());
}

TEST_F(ReadErrorTest, TheCheckOfALargeOneDoesNotCallItDamaged) {
    make_database(20);
    ASSERT_TRUE(Database::check(path));
    for (const int read : {1, 10, 100, 1000}) {
        const FailingDisk disk(read, 1);
        expect_unreadable(Database::check(path), read);
    }
}

TEST_F(ReadErrorTest, NeitherDoesAStatementThatReadsFromTheLog) {
    const auto store = open_store(path, OpenMode::read_write).value();
    ASSERT_TRUE(store->events.add({}, {}, "", "test", std::string(100'000, 'x')));
    ASSERT_TRUE(store->database.execute("PRAGMA shrink_memory"));
    const FailingDisk disk(0, 1);
    const auto read = store->database.execute("SELECT sum(length(detail)) FROM events");
    EXPECT_EQ(disk.failures(), 1);
    expect_unreadable(read, 0);
}

}  // namespace
}  // namespace batchd::store
