#include "spool/drop/hidden_drop.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "spool/inbox/inbox.hpp"
#include "spool/submit/inbox_drop.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using namespace std::chrono_literals;

struct HiddenDropTest : ::testing::Test {
    bool stays(const Path& file, TimePoint now = make_system_clock()->now()) {
        EXPECT_TRUE(remove_left_drops(inbox, now));
        return file_exists(file).value();
    }

    testing::TempDir directory;
    const Path& inbox = directory.path();
};

TEST_F(HiddenDropTest, WhatAKilledWriterHasLeftIsRemoved) {
    // So late it is left also where the file system can't tell whether somebody has it open.
    const TimePoint later = make_system_clock()->now() + 2h;
    EXPECT_FALSE(stays(directory.write(".submit-1.part", "half"), later));
    EXPECT_FALSE(stays(directory.write(".page-1.part", "half"), later));
}

TEST_F(HiddenDropTest, WhatSomebodyIsStillAtStays) {
    auto drop = InboxDrop::create(inbox, "a").value();
    EXPECT_TRUE(stays(drop.hidden()));
    ASSERT_TRUE(drop.append("half"));
    EXPECT_TRUE(stays(drop.hidden()));
    ASSERT_TRUE(drop.finish());
    EXPECT_TRUE(stays(drop.hidden())) << "it is whole, and waits for the others";
    ASSERT_TRUE(drop.publish().value());
    EXPECT_TRUE(stays(inbox / "a.jsonl"));
}

TEST_F(HiddenDropTest, AWriterThatHoldsNothingIsSeenByTheKernel) {
    const Path file = directory.write(".submit-1.part", "half");
    const auto writer = open_file(file, O_WRONLY).value();
    EXPECT_TRUE(stays(file));
}

TEST_F(HiddenDropTest, NothingElseIsTouched) {
    for (const char* name : {".other.part", ".submit-1", "submit-1.part", "a.jsonl"})
        EXPECT_TRUE(stays(directory.write(name, ""))) << name;
    ASSERT_EQ(::symlink("/etc/passwd", (inbox / ".submit-link.part").c_str()), 0);
    ASSERT_EQ(::mkfifo((inbox / ".submit-fifo.part").c_str(), 0600), 0);
    static_cast<void>(remove_left_drops(inbox, make_system_clock()->now()));
    EXPECT_TRUE(std::filesystem::is_symlink(inbox / ".submit-link.part"));
    EXPECT_TRUE(std::filesystem::is_fifo(inbox / ".submit-fifo.part"));
}

TEST_F(HiddenDropTest, OneThatWasRemovedBeforeItWasHeldIsToldApart) {
    const Path file = directory.write(".submit-1.part", "");
    const auto fd = open_file(file, O_WRONLY).value();
    EXPECT_TRUE(hold_hidden(fd.get()));
    std::filesystem::remove(file);
    EXPECT_FALSE(hold_hidden(fd.get()));
}

TEST_F(HiddenDropTest, AScanNamesThem) {
    const auto drop = InboxDrop::create(inbox, "a").value();
    auto scan = InboxScan::open(inbox).value();
    const auto page = scan.next().value();
    EXPECT_EQ(page.hidden, std::vector<std::string>{drop.hidden().filename().string()});
    EXPECT_TRUE(page.candidates.empty());
}

}  // namespace
}  // namespace batchd::spool
