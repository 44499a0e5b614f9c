#include <sys/stat.h>

#include "engine/intake_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

struct FinishClaimsTest : IntakeFixture {
    /// A row for the file in the inbox, as it is committed before the rename.
    store::Job add_row(const std::string& name) {
        struct stat status{};
        EXPECT_EQ(::stat((inbox() / (name + ".jsonl")).c_str(), &status), 0);
        store::Job row;
        row.key = "00000000-0000-4000-8000-00000000000" + std::to_string(claimed().size());
        row.name = name;
        row.created_at = clock.now();
        row.device = status.st_dev;
        row.inode = status.st_ino;
        row.id = store->jobs.add(row).value();
        return row;
    }
};

TEST_F(FinishClaimsTest, TakesAFileWhoseRowIsThere) {
    move_in("a.jsonl", "content\n");
    const auto row = add_row("a");
    finish_claims();
    EXPECT_EQ(testing::slurp(layout.input(row.key)), "content\n");
    EXPECT_FALSE(in_inbox("a.jsonl"));
}

TEST_F(FinishClaimsTest, IsContentWithAFileThatIsInItsPlaceAlready) {
    move_in("a.jsonl", "content\n");
    const auto row = add_row("a");
    ASSERT_TRUE(make_directory(layout.work_directory(row.key)));
    ASSERT_TRUE(rename_file(inbox() / "a.jsonl", layout.input(row.key)));
    finish_claims();
    EXPECT_EQ(testing::slurp(layout.input(row.key)), "content\n");
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(FinishClaimsTest, DoesNotTakeAnotherFileOfTheSameName) {
    move_in("a.jsonl", "first\n");
    const auto row = add_row("a");
    ASSERT_TRUE(make_directory(layout.work_directory(row.key)));
    ASSERT_TRUE(rename_file(inbox() / "a.jsonl", layout.input(row.key)));
    move_in("a.jsonl", "second\n");
    finish_claims();
    EXPECT_EQ(testing::slurp(layout.input(row.key)), "first\n");
    EXPECT_TRUE(in_inbox("a.jsonl"));
}

TEST_F(FinishClaimsTest, LeavesAFileAloneThatIsAnotherByNow) {
    move_in("a.jsonl", "first\n");
    const auto row = add_row("a");
    ASSERT_TRUE(rename_file(inbox() / "a.jsonl", dir.path() / "kept"));
    move_in("a.jsonl", "second\n");
    finish_claims();
    EXPECT_TRUE(in_inbox("a.jsonl"));
    EXPECT_FALSE(file_exists(layout.input(row.key)).value());
}

TEST_F(FinishClaimsTest, OneThatFailsDoesNotHoldUpTheOthers) {
    move_in("a.jsonl");
    add_row("a");
    ASSERT_TRUE(remove_file(inbox() / "a.jsonl"));
    move_in("b.jsonl");
    const auto second = add_row("b");
    finish_claims();
    EXPECT_TRUE(file_exists(layout.input(second.key)).value());
}

using FailedClaimTest = IntakeFixture;

TEST_F(FailedClaimTest, AFileWhoseClaimFailsGetsItsNameBackAndIsNotTakenForThatAgain) {
    ASSERT_TRUE(remove_tree(layout.work_root()));
    replace_file(layout.work_root(), "in the way").value();
    store->database.execute("CREATE TEMP TABLE tries (id)").value();
    store->database
        .execute(
            "CREATE TEMP TRIGGER a_try AFTER INSERT ON main.jobs"
            " BEGIN INSERT INTO tries VALUES (NEW.id); END")
        .value();
    start();
    move_in("a.jsonl");
    settle();
    const auto tries = [&] {
        return store->database.query<std::uint64_t>("SELECT count(*) FROM tries").value().at(0);
    };
    ASSERT_EQ(tries(), 1U);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(rename_file(inbox() / "a.jsonl", inbox() / ".a"));
        ASSERT_TRUE(rename_file(inbox() / ".a", inbox() / "a.jsonl"));
        settle();
    }
    EXPECT_EQ(tries(), 1U);
    EXPECT_EQ(count_events(EventKind::file_left_alone), 1U);
    advance(5min);
    EXPECT_EQ(left_alone("failed").files, 1U) << "for as long as it fails";
    EXPECT_NE(left_alone("failed").text.find("a.jsonl: "), std::string::npos);
    EXPECT_GT(tries(), 1U) << "what is in the way may go";
    EXPECT_LE(tries(), 12U) << "a scan each half minute";
    EXPECT_EQ(count_events(EventKind::file_left_alone), 1U);
}

}  // namespace
}  // namespace batchd::engine
