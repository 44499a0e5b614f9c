#include <fstream>

#include <sys/stat.h>

#include <sqlite3.h>

#include "engine/intake_fixture.hpp"
#include "spool/inbox/inbox_lock.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

struct IntakeTest : IntakeFixture {};

TEST_F(IntakeTest, TakesAFileThatWasMovedInAtOnce) {
    start();
    move_in("a.jsonl", "content\n");
    settle();
    ASSERT_EQ(claimed(), Names{"a"});
    const auto taken = job(store::JobId{1});
    EXPECT_EQ(testing::slurp(layout.input(taken.key)), "content\n");
    EXPECT_EQ(taken.size_bytes, 8U);
    EXPECT_FALSE(in_inbox("a.jsonl"));
    EXPECT_EQ(events(), Names{"job_claimed"});
}

TEST_F(IntakeTest, WakesThePlanner) {
    start();
    const auto before = wakes.planner.times_raised();
    move_in("a.jsonl");
    settle();
    EXPECT_GT(wakes.planner.times_raised(), before);
}

TEST_F(IntakeTest, TakesAFileWhenItsWriterClosesIt) {
    start();
    std::ofstream out(inbox() / "a.jsonl");
    out << "half" << std::flush;
    settle();
    advance(10min);
    EXPECT_TRUE(claimed().empty());
    out.close();
    settle();
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, TakesWhatWasThereAtTheStartOnceItStandsStill) {
    move_in("a.jsonl");
    start();
    EXPECT_TRUE(claimed().empty());
    advance(1'999ms);
    EXPECT_TRUE(claimed().empty());
    advance(1ms);
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, TakesNothingThatIsNotForIt) {
    for (const auto* name : {".hidden.jsonl", "a.jsonl~", "a.jsonl.tmp", "a.txt", "a.part"}) move_in(name);
    ASSERT_EQ(::mkfifo((inbox() / "fifo.jsonl").c_str(), 0600), 0);
    std::filesystem::create_symlink("/etc/passwd", inbox() / "link.jsonl");
    std::filesystem::create_directory(inbox() / "folder.jsonl");
    start();
    advance(1h);
    EXPECT_TRUE(claimed().empty());
    EXPECT_EQ(count_events(EventKind::file_left_alone), 4U)
        << "once for each reason: an extension, a FIFO, a link, a folder";
    EXPECT_EQ(left_alone("extension").text,
              "1 file that does not end in .jsonl (a.txt): rename to NAME.jsonl");
    EXPECT_EQ(left_alone("temporary").files, 3U) << "hidden ones are nobody's business";
}

TEST_F(IntakeTest, RemovesWhatAKilledSubmitHasLeft) {
    dir.write("inbox/.submit-1.part", "half");
    dir.write("inbox/.somebody.part", "half");
    start();
    advance(2h);
    EXPECT_FALSE(in_inbox(".submit-1.part"));
    EXPECT_TRUE(in_inbox(".somebody.part"));
}

TEST_F(IntakeTest, AFloodOfNamesIsCountedAndSaidWhenItChanges) {
    for (int i = 0; i < 2'000; ++i) dir.write("inbox/" + std::to_string(i) + ".txt", "");
    start();
    advance(1h);
    EXPECT_EQ(count_events(EventKind::file_left_alone), 1U);
    EXPECT_EQ(left_alone("extension").files, 2'000U);
    EXPECT_EQ(left_alone("extension").remedy, "rename to NAME.jsonl");
    ASSERT_TRUE(remove_file(inbox() / "7.txt"));
    advance(1min);
    EXPECT_EQ(count_events(EventKind::file_left_alone), 2U);
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(remove_file(inbox() / (std::to_string(i) + ".txt")));
    advance(1min);
    EXPECT_TRUE(store->conditions.all().value().empty());
}

TEST_F(IntakeTest, ForgetsWhatAnEarlierRunSaw) {
    store->conditions.set({.kind = "left_alone", .about = "link", .text = "gone"}, clock.now()).value();
    start();
    EXPECT_TRUE(store->conditions.all().value().empty());
}

TEST_F(IntakeTest, WaitsForAWriterThoughAnotherProgramClosesTheFile) {
    start();
    std::ofstream out(inbox() / "a.jsonl");
    out << "one\n" << std::flush;
    std::ofstream(inbox() / "a.jsonl", std::ios::app).close();  // as touch(1) does
    settle();
    advance(2min);
    EXPECT_TRUE(claimed().empty());
    EXPECT_EQ(left_alone("open").files, 1U) << "it is said after a while";
    out << "two\n";
    out.close();
    settle();
    ASSERT_EQ(claimed(), Names{"a"});
    EXPECT_EQ(testing::slurp(layout.input(job(store::JobId{1}).key)), "one\ntwo\n");
    advance(1min);
    EXPECT_TRUE(store->conditions.all().value().empty());
}

TEST_F(IntakeTest, WaitsForAWriterThatWasThereAtTheStart) {
    std::ofstream out(inbox() / "a.jsonl");
    out << "one\n" << std::flush;
    start();
    advance(10s);
    EXPECT_TRUE(claimed().empty());
    out << "two\n";
    out.close();
    settle();
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, AFileThatWasMovedInIsTakenSoonThoughItsWriterKeepsItOpen) {
    start();
    std::ofstream out(dir.path() / "made");
    out << "one\n" << std::flush;
    ASSERT_TRUE(rename_file(dir.path() / "made", inbox() / "a.jsonl"));
    settle();
    EXPECT_TRUE(claimed().empty());
    advance(2s);
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, AnEmptyFileMayBeOnItsWay) {
    start();
    move_in("a.jsonl", "");
    move_in("b.jsonl", "");
    settle();
    advance(30s);
    EXPECT_TRUE(claimed().empty());
    dir.write("inbox/a.jsonl", "content\n");
    settle();
    EXPECT_EQ(claimed(), Names{"a"});
    advance(31s);
    EXPECT_EQ(claimed(), (Names{"a", "b"})) << "a minute is long enough";
}

TEST_F(IntakeTest, TakesNothingFromTheInboxOfAnotherDaemon) {
    auto theirs = spool::InboxLock::acquire(inbox()).value();
    start();
    move_in("a.jsonl");
    settle();
    advance(1min);
    EXPECT_TRUE(claimed().empty());
    EXPECT_EQ(count_events(EventKind::inbox_gone), 1U);
    EXPECT_NE(detail_of_last(EventKind::inbox_gone).find("another batchd"), std::string::npos);
    EXPECT_EQ(intake->own_inbox().error().code, Errc::locked);
    {
        const auto ended = std::move(theirs);
    }
    advance(1min);
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, MentionsAFileThatWasSetAsideForNoJobOfOurs) {
    dir.write("inbox/.a.0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11.taken", "x\n");
    start();
    EXPECT_EQ(left_alone("set_aside").files, 1U);
    EXPECT_TRUE(claimed().empty());
}

TEST_F(IntakeTest, OfOneThatWasSetAsideAndSentSaysHowMuchWasSent) {
    const auto sent = add_claimed("a", "1234567\n");
    store->jobs.change_state(sent.id, store::JobState::planned).value();
    store->jobs.record_plan(sent.id, 1, 0, 8, "digest").value();
    store->database.run("UPDATE jobs SET state = 'done'").value();
    dir.write("inbox/.a." + sent.key + ".taken", "1234567\nlater\n");
    start();
    EXPECT_NE(left_alone("set_aside").text.find("whose first 8 bytes were sent"), std::string::npos);
}

TEST_F(IntakeTest, TheSameNameAgainIsANewJob) {
    start();
    move_in("a.jsonl");
    settle();
    move_in("a.jsonl");
    settle();
    EXPECT_EQ(claimed(), (Names{"a", "a"}));
}

TEST_F(IntakeTest, TakesManyFiles) {
    start();
    for (int i = 0; i < 100; ++i) move_in("f" + std::to_string(i) + ".jsonl");
    settle();
    EXPECT_EQ(claimed().size(), 100U);
}

TEST_F(IntakeTest, IsIdleWhileNothingHappens) {
    start();
    advance(0s);
    std::size_t wakes_up = 0;
    while (clock.now() < TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + 1h &&
           clock.advance_to_next()) {
        settle();
        ++wakes_up;
    }
    EXPECT_LE(wakes_up, 130U) << "a scan each half minute";
}

TEST_F(IntakeTest, ADatabaseThatIsFullLeavesTheFileWhereItIs) {
    refuse("INSERT ON jobs");
    start();
    move_in("a.jsonl");
    settle();
    EXPECT_TRUE(in_inbox("a.jsonl"));
    advance(5min);
    EXPECT_TRUE(in_inbox("a.jsonl"));
    refuse_no_more();
    advance(5min);
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, AWorkDirectoryThatCannotBeMadeLeavesTheFileWhereItIs) {
    ASSERT_TRUE(remove_tree(layout.work_root()));
    replace_file(layout.work_root(), "in the way").value();
    start();
    move_in("a.jsonl");
    settle();
    EXPECT_TRUE(in_inbox("a.jsonl"));
    EXPECT_TRUE(claimed().empty()) << "nothing was taken, so nothing is remembered";
    ASSERT_TRUE(remove_file(layout.work_root()));
    ASSERT_TRUE(make_directory(layout.work_root()));
    advance(5min);
    EXPECT_EQ(claimed(), Names{"a"});
}

TEST_F(IntakeTest, AnInboxThatIsGoneIsSaidOnceAndItsReturnToo) {
    start();
    ASSERT_TRUE(remove_tree(inbox()));
    settle();
    advance(1h);
    EXPECT_EQ(count_events(EventKind::inbox_gone), 1U);
    ASSERT_TRUE(make_directory(inbox()));
    advance(1min);
    EXPECT_EQ(count_events(EventKind::inbox_back), 1U);
    move_in("a.jsonl");
    settle();
    EXPECT_EQ(claimed(), Names{"a"}) << "it is watched again";
}

TEST_F(IntakeTest, DoesNotSpinOverAFileThatWentAwayWithTheInbox) {
    move_in("a.jsonl");
    start();  // the file is seen, and due in two seconds
    ASSERT_TRUE(rename_file(inbox(), dir.path() / "elsewhere"));
    settle();
    advance(10s);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(count_events(EventKind::inbox_gone), 1U);
}

TEST_F(IntakeTest, DoesNotSpinWhereAScanFindsNoInboxThatNoEventTookAway) {
    settings.spool.inbox = dir.path() / "above" / "inbox";
    ASSERT_TRUE(make_directory(inbox()));
    move_in("a.jsonl");
    start();  // the file is seen, and due in two seconds
    ASSERT_TRUE(rename_file(dir.path() / "above", dir.path() / "elsewhere"));  // no event of the inbox itself
    advance(10s);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(count_events(EventKind::inbox_gone), 1U);
    ASSERT_TRUE(rename_file(dir.path() / "elsewhere", dir.path() / "above"));
    ASSERT_TRUE(eventually([&] { return claimed() == Names{"a"}; }, 2min));
}

TEST_F(IntakeTest, OnceTakesWhatIsThereAndIsDrained) {
    move_in("a.jsonl");
    move_in("b.jsonl");
    start(Intake::Mode::once);
    EXPECT_FALSE(intake->drained());
    const auto before = wakes.finisher.times_raised();
    ASSERT_TRUE(eventually([&] { return intake->drained(); }, 10s));
    EXPECT_EQ(claimed().size(), 2U);
    EXPECT_GT(wakes.finisher.times_raised(), before);
}

TEST_F(IntakeTest, OnceTakesAFileThatBecameAnotherWhileItWasBeingTaken) {
    dir.write("inbox/a.jsonl", "the first\n");
    dir.write("other", "the second\n");
    // Just behind the row and before the rename, somebody puts another file in its place.
    auto swap = [](sqlite3_context* call, int, sqlite3_value**) {
        const auto* const root = static_cast<const Path*>(sqlite3_user_data(call));
        std::error_code ignored;  // only the first time there is one
        std::filesystem::rename(*root / "other", *root / "inbox/a.jsonl", ignored);
        sqlite3_result_null(call);
    };
    Path root = dir.path();
    ASSERT_EQ(sqlite3_create_function(&store->database.handle(), "swap", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                      &root, swap, nullptr, nullptr),
              SQLITE_OK);
    ASSERT_TRUE(store->database.execute(
        "CREATE TEMP TRIGGER swapping AFTER INSERT ON jobs BEGIN SELECT swap(); END"));
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return intake->drained(); }, 1min));
    const auto taken = store->jobs.in_state(store::JobState::claimed, 10).value();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(testing::slurp(layout.input(job(taken[0]).key)), "the second\n");
    EXPECT_TRUE(std::filesystem::is_empty(inbox()));
}

TEST_F(IntakeTest, OnceIsDrainedAndSaysSoWhereTheInboxCannotBeRead) {
    std::filesystem::remove_all(inbox());
    start(Intake::Mode::once);
    EXPECT_TRUE(intake->drained());
    EXPECT_EQ(journal->count(EventKind::inbox_gone), 1U);
}

TEST_F(IntakeTest, OnceIsDrainedAtOnceWhereThereIsNothing) {
    start(Intake::Mode::once);
    EXPECT_TRUE(intake->drained());
}

}  // namespace
}  // namespace batchd::engine
