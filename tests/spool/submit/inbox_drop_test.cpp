#include "spool/submit/inbox_drop.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "spool/inbox/inbox.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

struct InboxDropTest : ::testing::Test {
    std::vector<Candidate> seen() const {
        auto scan = InboxScan::open(inbox).value();
        return scan.next().value().candidates;
    }
    std::size_t names() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(inbox), {}));
    }

    testing::TempDir directory;
    const Path& inbox = directory.path();
};

TEST_F(InboxDropTest, IsSeenWholeAndOnlyOnceItHasItsName) {
    auto drop = InboxDrop::create(inbox, "articles").value();
    ASSERT_TRUE(drop.append("one\n"));
    EXPECT_TRUE(seen().empty());
    ASSERT_TRUE(drop.append("two\n"));
    ASSERT_TRUE(drop.finish());
    EXPECT_TRUE(seen().empty());
    EXPECT_TRUE(drop.publish().value());
    ASSERT_EQ(seen().size(), 1U);
    EXPECT_EQ(seen().front().name, "articles.jsonl");
    EXPECT_EQ(seen().front().id, drop.id());
    EXPECT_EQ(testing::slurp(inbox / "articles.jsonl"), "one\ntwo\n");
    EXPECT_EQ(names(), 1U);
}

TEST_F(InboxDropTest, WhoIsInTheGroupMayReadItWhateverTheUmask) {
    const mode_t before = ::umask(0077);
    auto drop = InboxDrop::create(inbox, "a").value();
    ::umask(before);
    ASSERT_TRUE(drop.finish());
    ASSERT_TRUE(drop.publish().value());
    struct stat status{};
    ASSERT_EQ(::stat((inbox / "a.jsonl").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(InboxDropTest, NothingIsLeftOfOneThatIsGivenUp) {
    {
        auto drop = InboxDrop::create(inbox, "a").value();
        ASSERT_TRUE(drop.append("half"));
    }
    EXPECT_EQ(names(), 0U);
}

TEST_F(InboxDropTest, WhatIsThereIsNeverReplaced) {
    directory.write("a.jsonl", "first");
    auto drop = InboxDrop::create(inbox, "a").value();
    ASSERT_TRUE(drop.append("second"));
    ASSERT_TRUE(drop.finish());
    EXPECT_FALSE(drop.publish().value());
    drop.rename("a.2");
    EXPECT_TRUE(drop.publish().value());
    EXPECT_EQ(testing::slurp(inbox / "a.jsonl"), "first");
    EXPECT_EQ(testing::slurp(inbox / "a.2.jsonl"), "second");
}

TEST_F(InboxDropTest, WhatHasItsNameCanBeTakenBackUntilSomebodyHasTakenIt) {
    {
        auto drop = InboxDrop::create(inbox, "a").value();
        ASSERT_TRUE(drop.finish());
        EXPECT_FALSE(drop.is_published());
        ASSERT_TRUE(drop.publish().value());
        EXPECT_TRUE(drop.is_published());
        EXPECT_TRUE(drop.withdraw().value());
        EXPECT_FALSE(drop.is_published());
    }
    EXPECT_EQ(names(), 0U);
    auto taken = InboxDrop::create(inbox, "a").value();
    ASSERT_TRUE(taken.finish());
    ASSERT_TRUE(taken.publish().value());
    std::filesystem::remove(inbox / "a.jsonl");
    EXPECT_FALSE(taken.withdraw().value());
    directory.write("a.jsonl", "another");
    EXPECT_FALSE(taken.withdraw().value());
    EXPECT_EQ(testing::slurp(inbox / "a.jsonl"), "another") << "it is somebody else's, and stays";
}

TEST_F(InboxDropTest, TakesAllOfAnOpenFile) {
    const std::string content(1'000'000, 'x');
    const auto from = open_file(directory.write("from", content), O_RDONLY).value();
    auto drop = InboxDrop::create(inbox, "a").value();
    ASSERT_TRUE(drop.append_all_of(from.get()));
    ASSERT_TRUE(drop.finish());
    ASSERT_TRUE(drop.publish().value());
    EXPECT_EQ(testing::slurp(inbox / "a.jsonl"), content);
}

TEST_F(InboxDropTest, AFolderThatIsNotThereIsNamed) {
    const auto drop = InboxDrop::create(inbox / "none", "a");
    ASSERT_FALSE(drop);
    EXPECT_NE(to_string(drop.error()).find((inbox / "none").string()), std::string::npos);
}

TEST(DropNameTest, IsWhatTheJobIsCalled) {
    EXPECT_EQ(drop_name("articles.jsonl"), "articles");
    EXPECT_EQ(drop_name("articles"), "articles");
    EXPECT_EQ(drop_name("articles.txt"), "articles.txt");
    EXPECT_EQ(drop_name("v1.2.jsonl"), "v1.2");
    EXPECT_EQ(drop_name(".hidden.jsonl"), "hidden");
    EXPECT_EQ(drop_name("half.part"), "half.part");
    EXPECT_EQ(drop_name(".jsonl"), "");
    EXPECT_EQ(drop_name("..."), "");
}

}  // namespace
}  // namespace batchd::spool
