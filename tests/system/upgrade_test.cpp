// The state directory of an earlier version, with a job on its way: today's daemon takes it over.
#include <csignal>
#include <fstream>
#include <memory>
#include <tuple>

#include <sqlite3.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "jsonl/rows/row_file.hpp"
#include "store/migrate.hpp"
#include "support/rows.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// How far a job is when the earlier version is stopped for good.
struct Moment {
    std::string name;    ///< letters, for the name of the test
    std::string fault;   ///< as /admin of the practice provider takes it
    std::string until;   ///< "TABLE WHERE …" of the row by which the moment is known
    std::string undone;  ///< SQL that takes back what was committed last; "": nothing
};

void PrintTo(const Moment& moment, std::ostream* out) {
    *out << moment.name;
}

const char* const kNothingIsTaken = R"({"route":"*","action":"status","status":503,"times":-1})";

const std::vector<Moment>& moments() {
    static const std::vector<Moment> all{
        // A crash before the commit of a plan leaves its files in the work directory.
        {"Claimed", kNothingIsTaken, "batches",
         "DELETE FROM parts; DELETE FROM batches; UPDATE jobs SET state = 'claimed', requests = 0, sha256 = "
         "NULL"},
        {"Planned", kNothingIsTaken, "batches", ""},
        {"UploadWithoutEffect", R"({"route":"POST /v1/files","action":"stall_before"})",
         "batches WHERE phase = 'uploading'", ""},
        {"UploadUnanswered", R"({"route":"POST /v1/files","action":"stall_after"})",
         "batches WHERE phase = 'uploading'", ""},
        {"Uploaded", R"({"route":"POST /v1/batches","action":"status","status":429,"times":-1})",
         "batches WHERE phase = 'uploaded'", ""},
        {"CreateWithoutEffect", R"({"route":"POST /v1/batches","action":"stall_before"})",
         "batches WHERE phase = 'creating'", ""},
        {"CreateUnanswered", R"({"route":"POST /v1/batches","action":"stall_after"})",
         "batches WHERE phase = 'creating'", ""},
        {"Watched", R"({"route":["GET /v1/batches","GET /v1/batches/*"],"action":"stall_before","times":-1})",
         "batches WHERE phase = 'watching'", ""},
        {"Ended", R"({"route":"GET /v1/files/*/content","action":"status","status":503,"times":-1})",
         "batches WHERE phase = 'ended'", ""},
        {"SecondAttempt", R"({"route":"POST /v1/batches","action":"stall_after","skip":1})",
         "batches WHERE phase = 'creating' AND attempt = 2", ""}};
    return all;
}

/// In a connection of its own, without a transaction around it.
void execute(const Path& database, const std::vector<std::string>& statements) {
    sqlite3* opened = nullptr;
    ASSERT_EQ(sqlite3_open(database.c_str(), &opened), SQLITE_OK);
    const std::shared_ptr<sqlite3> connection(opened, &sqlite3_close);
    for (const std::string& sql : statements)
        ASSERT_EQ(sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(opened) << ": " << sql;
}

/// The rows of `now` in a new database as that version of the schema has it.
void copy_into_old(const Path& now, const Path& old, const std::string& version) {
    execute(old,
            {"PRAGMA journal_mode = WAL", slurp(Path(BATCHD_OLD_SCHEMAS) / ("schema-" + version + ".sql")),
             "PRAGMA user_version = " + version,
             "PRAGMA application_id = " + std::to_string(store::kApplicationId)});
    std::vector<std::string> copies{"ATTACH '" + now.string() + "' AS now"};
    for (const auto& row : Database(old).rows("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
        const std::string columns =
            Database(old).value("SELECT group_concat(name) FROM pragma_table_info(?)", {row[0]});
        // Over what the triggers of that version made of the rows before.
        copies.push_back("INSERT OR REPLACE INTO main." + row[0] + " (" + columns + ") SELECT " + columns +
                         " FROM now." + row[0]);
    }
    execute(old, copies);
}

/// A row file as the versions before had it: all texts in the file itself, and an index of 40 bytes a row.
void leave_rows_as_they_were(const Path& rows) {
    std::string text, index = "batchdR1";
    auto reader = jsonl::RowFileReader::open(rows).value();
    std::uint64_t count = 0;
    for (jsonl::Row row; reader.next(row).value(); ++count) {
        index += eight_bytes(row.line_number) + eight_bytes(text.size()) + eight_bytes(row.text.size()) +
                 eight_bytes(row.id[0]) + eight_bytes(row.id[1]);
        text.append(row.text).append("\n");
    }
    index += eight_bytes(count) + eight_bytes(text.size()) + "batchdRE";
    std::ofstream(rows) << text;
    std::ofstream(rows.string() + ".rows") << index;
}

class OldVersionTest : public SystemTest {
protected:
    Path database_file() const { return bench.state() / "batchd.db"; }

    /// The state directory becomes what that version would have left: the same rows in the tables of its
    /// time, and files without what came later.
    void leave_as(int version) {
        const Path old = bench.root() / "old.db";
        copy_into_old(database_file(), old, std::to_string(version));
        for (const char* const end : {"", "-wal", "-shm"}) fs::remove(database_file().string() + end);
        fs::rename(old, database_file());
        for (const auto& work : fs::directory_iterator(bench.state() / "work")) {
            const Path plan = work.path() / "plan.json";
            json::object object = json::parse(slurp(plan)).as_object();
            object.erase("terms");
            std::ofstream(plan) << json::serialize(object);
            std::vector<Path> files;
            for (const auto& file : fs::directory_iterator(work.path())) files.push_back(file.path());
            for (const Path& file : files)
                if (file.extension() == ".rows") leave_rows_as_they_were(work.path() / file.stem());
        }
    }

    void expect_takeover_to_the_end() {
        bench.provider().clear_faults();
        EXPECT_EQ(bench.run_once(), 0);
        const Database database = bench.database();
        EXPECT_EQ(database.value("PRAGMA user_version"), std::to_string(store::kSchemaVersion));
        EXPECT_EQ(bench.job_state("articles"), "done");
        EXPECT_EQ(database.value("SELECT terms ->> 'queue' FROM jobs"), "default");
        EXPECT_EQ(database.count("batches WHERE phase <> 'collected' OR outcome IS NULL"), 0U);
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
        EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
    }
};

class UpgradeTest : public OldVersionTest, public ::testing::WithParamInterface<std::tuple<int, Moment>> {};

TEST_P(UpgradeTest, TheJobEndsDoneUnderTermsOfItsOwnAndNothingIsPaidTwice) {
    const auto& [version, moment] = GetParam();
    // One row needs a second attempt, so that terms count after the upgrade as well.
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500,"runs_max":1}]})");
    bench.provider().add_fault(moment.fault);
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count(moment.until) == 1; }));
    bench.daemon().kill();
    execute(database_file(), {moment.undone});
    leave_as(version);
    expect_takeover_to_the_end();
}

std::string moment_and_version(const ::testing::TestParamInfo<std::tuple<int, Moment>>& test) {
    const auto& [version, moment] = test.param;
    return moment.name + "In" + std::to_string(version);
}

INSTANTIATE_TEST_SUITE_P(EachVersion, UpgradeTest,
                         ::testing::Combine(::testing::Range(1, store::kSchemaVersion),
                                            ::testing::ValuesIn(moments())),
                         moment_and_version);

class DeliveryUpgradeTest : public OldVersionTest, public ::testing::WithParamInterface<int> {};

TEST_P(DeliveryUpgradeTest, AJobThatIsBeingDeliveredIsDeliveredOnce) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    fs::remove(bench.outbox());
    std::ofstream(bench.outbox()) << "in its place";
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("waiting", "outbox"));
    EXPECT_EQ(bench.job_state("articles"), "delivering");
    bench.daemon().kill();
    fs::remove(bench.outbox());
    leave_as(GetParam());
    expect_takeover_to_the_end();
}

INSTANTIATE_TEST_SUITE_P(EachVersion, DeliveryUpgradeTest, ::testing::Range(1, store::kSchemaVersion),
                         ::testing::PrintToStringParamName());

class CancelUpgradeTest : public OldVersionTest {};

TEST_F(CancelUpgradeTest, AJobThatIsBeingCancelledEndsSo) {
    constexpr int kFirstWithCancel = 3;
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.1})");
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches/*/cancel","action":"status","status":503,"times":-1})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/batches/*/cancel", 1));
    bench.daemon().kill();
    leave_as(kFirstWithCancel);
    bench.provider().clear_faults();
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.published("articles").error_ids(), article_ids(5));
    EXPECT_EQ(bench.report().at("rows_paid").to_number<int>(), 0);
}

}  // namespace
}  // namespace batchd::testing
