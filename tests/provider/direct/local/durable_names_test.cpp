#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jsonl/rows/row_file.hpp"
#include "provider/direct/journal/journal_file.hpp"
#include "provider/direct/local/run_store.hpp"
#include "support/temp_dir.hpp"

namespace {
/// Inodes of what was synced since a test began to look. On one thread at a time.
std::set<ino_t>* inodes_synced = nullptr;
}  // namespace

/// In the place of the C library's, for nothing else tells afterwards what was synced.
extern "C" int fsync(int fd) {
    struct stat status{};
    if (inodes_synced != nullptr && ::fstat(fd, &status) == 0) inodes_synced->insert(status.st_ino);
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace batchd::provider::direct {
namespace {

/// Names that a life before has made, and died before it synced their folder.
struct DurableNamesTest : ::testing::Test {
    testing::TempDir directory;
    RunStore store{directory.path() / "direct"};
    std::set<ino_t> seen;

    ~DurableNamesTest() override { inodes_synced = nullptr; }
    void look() { inodes_synced = &seen; }
    bool is_synced(const Path& folder) const {
        struct stat status{};
        EXPECT_EQ(::stat(folder.c_str(), &status), 0);
        return seen.contains(status.st_ino);
    }
};

TEST_F(DurableNamesTest, OfAJournalAreMadeSafeWhenItIsFound) {
    std::filesystem::create_directories(directory.path() / "direct/a");
    ASSERT_TRUE(open_journal(store.journal("a")));
    look();
    ASSERT_TRUE(open_journal(store.journal("a")));
    EXPECT_TRUE(is_synced(directory.path() / "direct/a"));
}

TEST_F(DurableNamesTest, OfAnUploadAreMadeSafeWhenItIsFound) {
    const Path path = directory.path() / "rows.jsonl";
    auto writer = jsonl::RowFileWriter::create(path).value();
    writer.append(1, digest128("r"), "{}").value();
    writer.commit().value();
    store.add(path, "a").value();
    look();
    store.add(path, "a").value();
    for (const char* const folder : {".", "direct", "direct/a"})
        EXPECT_TRUE(is_synced(directory.path() / folder)) << folder;
}

}  // namespace
}  // namespace batchd::provider::direct
