#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/failed_requests_test.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The failed requests of `articles` are sent again, and then the database is lost, or an old copy of it is
/// put back, so that it knows nothing of that.
class LostRetryTest : public FailedRequestsTest {
protected:
    void end_with_failures() {
        FailedRequestsTest::end_with_failures();
        bench.provider().change_settings(R"({"in_progress":3600})");
    }
    /// Until its batch is at the provider, where it stays until finish().
    void begin_retry() {
        bench.start();
        bench.ask("retry", 1);
        ASSERT_TRUE(bench.wait_until(
            [&] { return bench.database().count("batches WHERE job_id = 2 AND phase = 'watching'") == 1; }));
        bench.daemon().kill();
    }
    void expect_the_answers() {
        bench.provider().change_settings(R"({"in_progress":0})");
        bench.provider().advance_clock(2h);
        ASSERT_TRUE(bench.wait_for_jobs(2));
        EXPECT_EQ(bench.published("articles.2").output_ids(), ids);
        EXPECT_EQ(bench.report().at("batches").as_array().size(), 2U);
    }
    /// The state is that of before a retry whose answers were delivered.
    void put_copy_back_behind_a_retry() {
        end_with_failures();
        bench.copy_database();
        begin_retry();
        bench.start();
        expect_the_answers();
        EXPECT_EQ(bench.stop(), 0);
        bench.put_database_copy_back();
    }
    /// Asks for a retry of job 1, which is refused with these words.
    void expect_refused(const std::string& part) {
        const auto refused = [&] {
            return bench.database().count("commands WHERE verb = 'retry' AND ok = 0 AND instr(result, ?) > 0",
                                          {part});
        };
        const std::size_t before = refused();
        bench.ask("retry", 1);
        ASSERT_TRUE(bench.wait_until([&] { return refused() > before; }))
            << bench.database().value("SELECT group_concat(result) FROM commands");
    }
    const std::vector<std::string> ids{"article_2", "article_4"};
};

TEST_F(LostRetryTest, ARetryThatRunsIsKnownAgainAndLeftAlone) {
    end_with_failures();
    begin_retry();
    bench.lose_database();
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    EXPECT_EQ(bench.database().value("SELECT retry_of FROM jobs WHERE id = 2"), "1");
    const Path away = bench.root() / "away";
    fs::rename(bench.outbox() / "articles", away);
    bench.start();
    expect_refused("were sent again as job 2 already");
    fs::rename(away, bench.outbox() / "articles");
    expect_refused("were sent again as job 2 already");
    expect_the_answers();
}

TEST_F(LostRetryTest, OneOfAnEarlierVersionIsKnownByItsKey) {
    end_with_failures();
    begin_retry();
    bench.lose_database();
    for (const auto& entry : fs::directory_iterator(bench.state() / "work"))
        fs::remove(entry.path() / "origin");
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    const Path away = bench.root() / "away";
    fs::rename(bench.outbox() / "articles", away);
    bench.start();
    expect_refused("were sent again as job 2 already");
    fs::rename(away, bench.outbox() / "articles");
    expect_the_answers();
    EXPECT_EQ(bench.stop(), 0);
    // So that what is looked at behind each test knows whose rows these are.
    OpenWriter writer(bench.state() / "batchd.db");
    writer.execute("UPDATE jobs SET retry_of = 1 WHERE id = 2");
    writer.commit();
}

TEST_F(LostRetryTest, AnOldCopyDoesNotSendAgainWhatLiesInWork) {
    end_with_failures();
    bench.copy_database();
    begin_retry();
    bench.put_database_copy_back();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("work_unknown"));
    // The first of these has the number, and so the key, of the one that runs.
    expect_refused("stop batchd and run `batchd recover`");
    expect_refused("stop batchd and run `batchd recover`");
    EXPECT_EQ(bench.database().count("jobs"), 1U);
    bench.daemon().kill();
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    bench.start();
    expect_refused("were sent again as job 2 already");
    expect_the_answers();
}

TEST_F(LostRetryTest, ACommandThatAnOldCopyHasNotDoneYetFindsItsJob) {
    end_with_failures();
    bench.ask("retry", 1);
    bench.copy_database();
    bench.start();
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("batches WHERE job_id = 2 AND phase = 'watching'") == 1; }));
    bench.daemon().kill();
    bench.put_database_copy_back();
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("commands WHERE ok = 0") == 1; }));
    expect_the_answers();
}

TEST_F(LostRetryTest, AnOldCopyDoesNotSendAgainWhatWasDelivered) {
    put_copy_back_behind_a_retry();
    bench.start();
    expect_refused((bench.outbox() / "articles.2").string() + " is of a job that the database does not know");
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    bench.start();
    expect_refused("were sent again as job 2 already");
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 2U);
}

TEST_F(LostRetryTest, AnOldCopyFindsAtTheProviderWhatIsNowhereElse) {
    put_copy_back_behind_a_retry();
    fs::rename(bench.outbox() / "articles.2", bench.root() / "moved-away");
    const std::size_t starts = bench.database().count("events WHERE kind = 'started'");
    bench.start();
    // What is asked for before the start might have been done already, and is looked for anyway.
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'started'") > starts; }));
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("articles.2").output_ids(), ids);
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 2U);
}

}  // namespace
}  // namespace batchd::testing
