// What the page does with a state that it can't read: it says so, keeps answering, and goes on when it can.

#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

struct BadStateTest : ::testing::Test {
    BadStateTest() { bench.add_job("articles", "x"); }

    /// In the place of the daemon's database.
    void replace_by(const Path& file) {
        for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(bench.database().string() + part);
        std::filesystem::rename(file, bench.database());
    }
    Path other() const { return dir.path() / "other.db"; }
    std::unique_ptr<store::Store> make_other() {
        auto store = store::open_store(other(), store::OpenMode::read_write);
        return std::move(store.value());
    }
    std::string api() {
        return bench.ask(
            "GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
            bench.token() + "\r\n\r\n");
    }
    void expect_words(const std::string& words) {
        const std::string page = bench.get("/");
        EXPECT_TRUE(page.starts_with("HTTP/1.1 503 ")) << page;
        EXPECT_TRUE(has(page, words)) << page;
        EXPECT_TRUE(api().starts_with("HTTP/1.1 503 ")) << api();
        EXPECT_TRUE(has(api(), "{\"error\":{\"code\":\"unavailable\"")) << api();
        EXPECT_TRUE(bench.get("/healthz").starts_with("HTTP/1.1 200 "));
        EXPECT_TRUE(bench.get("/submit").starts_with("HTTP/1.1 200 ")) << "a file can be left all the same";
        EXPECT_TRUE(bench.get("/metrics").starts_with("HTTP/1.1 503 "));
        for (const char* path : {"/jobs/1", "/jobs/1/files/output.jsonl", "/jobs/1/folder.tar",
                                 "/jobs/1/request?id=a", "/queues", "/nothing"}) {
            const std::string answer = bench.get(path);
            EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << path << answer;
            EXPECT_TRUE(has(answer, words)) << path << answer;
        }
    }
    void put_aside() {
        ASSERT_TRUE(bench.store().database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
        std::filesystem::rename(bench.database(), dir.path() / "aside");
    }

    testing::TempDir dir;
    SiteBench bench{{.show_requests = true}};
};

TEST_F(BadStateTest, OneThatIsMissing) {
    EXPECT_TRUE(has(bench.get("/"), "articles"));
    put_aside();
    expect_words("batchd.db");
    replace_by(dir.path() / "aside");
    EXPECT_TRUE(has(bench.get("/"), "articles"));
}

TEST_F(BadStateTest, OneThatGoesWhileTheirPageIsOpenTakesNoJobsWithIt) {
    auto open = bench.connect();
    open.send("GET /live?job=1 HTTP/1.1\r\nHost: localhost\r\n" + bench.cookie() + "\r\n");
    EXPECT_TRUE(has(open.read_until("\n\n"), "data: "));
    put_aside();
    // Nothing can be said of the job, so that only the sign of life comes.
    std::string told = open.read_until("\n:\n\n");
    auto built = make_other();
    store::Job job;
    job.key = "k";
    job.state = store::JobState::running;
    ASSERT_TRUE(built->jobs.restore(job, std::nullopt));
    ASSERT_TRUE(built->database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    built.reset();
    replace_by(other());
    told += open.read_until("Cancel the job");
    EXPECT_TRUE(has(told, "Cancel the job")) << told;
    EXPECT_FALSE(has(told, "not on record")) << told;
}

TEST_F(BadStateTest, OneThatIsDamaged) {
    replace_by(dir.write("garbage", std::string(100'000, 'x')));
    expect_words("batchd.db");
}

TEST_F(BadStateTest, OneThatBreaksWhileItIsShown) {
    EXPECT_TRUE(has(bench.get("/"), "articles"));
    ASSERT_TRUE(bench.store().database.execute("PRAGMA wal_checkpoint(TRUNCATE); DROP TABLE conditions"));
    const std::string page = bench.get("/");
    EXPECT_TRUE(page.starts_with("HTTP/1.1 503 ")) << page;
    EXPECT_TRUE(bench.get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(BadStateTest, OneOfAnOlderAndOneOfANewerBatchd) {
    for (const char* version : {"PRAGMA user_version = 1", "PRAGMA user_version = 999"}) {
        ASSERT_TRUE(make_other()->database.execute(version));
        replace_by(other());
        expect_words("batchd");
    }
}

TEST_F(BadStateTest, OneThatSomebodyHasLocked) {
    auto locked = make_other();
    ASSERT_TRUE(locked->database.execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE"));
    replace_by(other());
    expect_words("lock");
    locked.reset();
    EXPECT_TRUE(bench.get("/").starts_with("HTTP/1.1 200 "));
}

TEST_F(BadStateTest, OneWithoutADaemonIsShownAndSaid) {
    const std::string page = bench.get("/");
    EXPECT_TRUE(has(page, "The daemon does not run."));
    EXPECT_TRUE(has(page, "articles"));
    const auto cancel = [this](const Result<CommandReply>& asked) {
        bench.daemon_says([asked] { return asked; });
        return bench.post("/jobs/1/cancel", "form=" + bench.form_token());
    };
    const std::string stopped = cancel(error(Errc::not_found, "the daemon does not run"));
    EXPECT_TRUE(stopped.starts_with("HTTP/1.1 503 ")) << stopped;
    EXPECT_TRUE(has(stopped, "the daemon does not run")) << stopped;
    for (const unsigned status : {404U, 409U, 503U}) {
        const std::string said = cancel(CommandReply{false, "no", status});
        EXPECT_TRUE(said.starts_with("HTTP/1.1 " + std::to_string(status))) << said;
    }
}

TEST_F(BadStateTest, AJobThatIsCleanedAwayWhileItsPageIsOpen) {
    auto open = bench.connect();
    open.send("GET /live?job=1 HTTP/1.1\r\nHost: localhost\r\n" + bench.cookie() + "\r\n");
    EXPECT_TRUE(has(open.read_until("\n\n"), "data: "));
    ASSERT_TRUE(bench.store().database.execute("DELETE FROM jobs"));
    EXPECT_TRUE(has(open.read_until("not on record any more"), "not on record any more"));
    for (const char* path :
         {"/jobs/1", "/jobs/1/files/output.jsonl", "/jobs/1/folder.tar", "/jobs/1/request?id=a"}) {
        const std::string answer = bench.get(path);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 403 "))
            << path << answer;
    }
}

}  // namespace
}  // namespace batchd::web
