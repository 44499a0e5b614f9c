#include <filesystem>
#include <fstream>

#include <sqlite3.h>

#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

namespace fs = std::filesystem;

/// There is a file where the database was, and it is not ours: a job that runs must not be taken for none.
class LostDatabaseTest : public SystemTest {
protected:
    void begin_and_kill() {
        start_with_a_batch_in_progress();
        bench.daemon().kill();
    }
    Path database() const { return bench.state() / "batchd.db"; }
    void make_empty() const { std::ofstream(database(), std::ios::trunc); }
    void make_with(const char* sql) const {
        sqlite3* other = nullptr;
        EXPECT_EQ(sqlite3_open(database().c_str(), &other), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(other, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(other);
        sqlite3_close(other);
    }
    void expect_each_command_to_name_recover(const std::string& why) {
        for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"status"},
                                                                                             {"queues"},
                                                                                             {"events"},
                                                                                             {"cost"},
                                                                                             {"wait", "1"},
                                                                                             {"retry", "1"},
                                                                                             {"run"},
                                                                                             {"status"}}) {
            EXPECT_EQ(shell.run(command), 65) << command.front();
            EXPECT_TRUE(shell.complains(why)) << command.front() << ": " << shell.errors;
            EXPECT_TRUE(shell.complains("run `batchd recover`")) << command.front() << ": " << shell.errors;
        }
    }
    void expect_recovery_and_the_answers() {
        EXPECT_EQ(shell.run({"recover"}), 0) << shell.errors;
        EXPECT_TRUE(shell.says("1 open job ")) << shell.output;
        bench.provider().advance_clock(std::chrono::hours(2));
        EXPECT_EQ(bench.run_once(), 0) << bench.log();
        EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
    }

    Shell shell{bench};
};

TEST_F(LostDatabaseTest, AnEmptyFileIsNone) {
    begin_and_kill();
    bench.lose_database();
    make_empty();
    expect_each_command_to_name_recover("the database is lost");
    EXPECT_EQ(fs::file_size(database()), 0U) << "nothing was made of it";
    expect_recovery_and_the_answers();
}

TEST_F(LostDatabaseTest, AnEmptyFileBesideItsLogIsNoneAndTheLogIsKept) {
    begin_and_kill();
    make_empty();
    const Path log = database().string() + "-wal";
    const auto size = fs::file_size(log);
    ASSERT_GT(size, 0U);
    expect_each_command_to_name_recover("the database is lost");
    EXPECT_EQ(fs::file_size(log), size) << "somebody may still want to look into it";
    expect_recovery_and_the_answers();
}

TEST_F(LostDatabaseTest, AnEmptyFileBeforeTheFirstJobIsNoLoss) {
    bench.write_configuration();
    fs::create_directories(bench.state());
    make_empty();
    EXPECT_EQ(shell.run({"status"}), 1);
    EXPECT_TRUE(shell.complains("no daemon has run with this configuration yet")) << shell.errors;
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(shell.run({"status"}), 0) << shell.errors;
}

TEST_F(LostDatabaseTest, OneOfAnotherProgramIsNone) {
    begin_and_kill();
    bench.lose_database();
    make_with("CREATE TABLE photos (id)");
    expect_each_command_to_name_recover("not a database of batchd");
    expect_recovery_and_the_answers();
}

TEST_F(LostDatabaseTest, OneThatKnowsNoJobIsLostWhereThereIsWork) {
    begin_and_kill();
    make_with("PRAGMA foreign_keys = ON; DELETE FROM jobs");
    expect_each_command_to_name_recover("the database is lost");
    expect_recovery_and_the_answers();
}

}  // namespace
}  // namespace batchd::testing
