#include <fcntl.h>

#include <sqlite3.h>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// What people do with the database while the daemon works, without asking it.
class ReadersTest : public SystemTest {
protected:
    /// The daemon goes on as if nothing were: a job goes all the way.
    void expect_daemon_to_work(const std::string& name) {
        const std::size_t ended = bench.database().count("jobs WHERE finished_at IS NOT NULL");
        bench.drop(name, articles(3));
        ASSERT_TRUE(bench.wait_for_jobs(ended + 1));
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(3));
    }
    Path database() const { return bench.state() / "batchd.db"; }
    Path copy() const { return bench.root() / "copy.db"; }
    void expect_sound_copy(std::size_t jobs) const {
        const Database copied(copy());
        EXPECT_EQ(copied.value("PRAGMA integrity_check"), "ok");
        EXPECT_EQ(copied.count("jobs"), jobs);
    }
    /// Like `sqlite3 batchd.db SQL`.
    void execute(const std::string& sql) {
        sqlite3* connection = nullptr;
        ASSERT_EQ(sqlite3_open(database().c_str(), &connection), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sql << ": " << sqlite3_errmsg(connection);
        sqlite3_close(connection);
    }
};

TEST_F(ReadersTest, ATransactionThatStaysOpenIsHarmless) {
    bench.start();
    expect_daemon_to_work("before");
    const LongReader reader(database());
    expect_daemon_to_work("meanwhile");
    EXPECT_EQ(reader.jobs(), 1U) << "and it reads what it read";
}

TEST_F(ReadersTest, AWriterThatTakesItsTimeIsWaitedFor) {
    bench.start();
    expect_daemon_to_work("before");
    OpenWriter writer(database());
    bench.drop("meanwhile", articles(3));
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.log().find("database is locked") != std::string::npos; }));
    writer.commit();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    expect_daemon_to_work("after");
}

TEST_F(ReadersTest, ALockOnTheFileBesideItIsSaidAndWaitedFor) {
    bench.start();
    expect_daemon_to_work("before");
    const UniqueFd shared(::open((database().string() + "-shm").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(shared);
    struct flock lock{};
    lock.l_type = F_RDLCK;
    ASSERT_EQ(::fcntl(shared.get(), F_SETLKW, &lock), 0);
    bench.drop("meanwhile", articles(3));
    EXPECT_TRUE(bench.wait_until(
        [&] { return bench.log().find("another program holds a lock on it") != std::string::npos; }));
    lock.l_type = F_UNLCK;
    ASSERT_EQ(::fcntl(shared.get(), F_SETLK, &lock), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    expect_daemon_to_work("after");
}

TEST_F(ReadersTest, WhileTheDatabaseIsAwayTheLogTellsOfNothingThatIsNotRecorded) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    bench.drop("articles", articles(3));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    const Path elsewhere = bench.root() / "elsewhere.db";
    std::filesystem::rename(database(), elsewhere);
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_until([&] { return bench.log().find("put it back") != std::string::npos; }));
    EXPECT_EQ(bench.log().find("batch_ended job="), std::string::npos) << bench.log();
    std::filesystem::rename(elsewhere, database());
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const std::string log = bench.log();
    EXPECT_NE(log.find("batch_ended job="), std::string::npos) << log;
    EXPECT_EQ(log.find("batch_ended job="), log.rfind("batch_ended job=")) << log;
}

TEST_F(ReadersTest, ABackupWhileItRunsIsACopyAndDoesNotDisturb) {
    bench.start();
    expect_daemon_to_work("before");
    sqlite3 *from = nullptr, *to = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &from), SQLITE_OK);
    ASSERT_EQ(sqlite3_open(copy().c_str(), &to), SQLITE_OK);
    sqlite3_backup* const backup = sqlite3_backup_init(to, "main", from, "main");
    ASSERT_NE(backup, nullptr);
    EXPECT_EQ(sqlite3_backup_step(backup, 1), SQLITE_OK);
    expect_daemon_to_work("meanwhile");
    EXPECT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(from);
    sqlite3_close(to);
    expect_sound_copy(2);
    expect_daemon_to_work("after");
}

TEST_F(ReadersTest, VacuumIntoWhileItRunsIsACopyAndDoesNotDisturb) {
    bench.start();
    expect_daemon_to_work("before");
    execute("VACUUM INTO '" + copy().string() + "'");
    expect_sound_copy(1);
    expect_daemon_to_work("after");
}

TEST_F(ReadersTest, ACheckpointByAnotherProgramIsHarmless) {
    bench.start();
    expect_daemon_to_work("before");
    for (const char* mode : {"PASSIVE", "FULL", "RESTART", "TRUNCATE"})
        execute(std::string("PRAGMA wal_checkpoint(") + mode + ")");
    expect_daemon_to_work("after");
    EXPECT_EQ(bench.stop(), 0);
}

}  // namespace
}  // namespace batchd::testing
