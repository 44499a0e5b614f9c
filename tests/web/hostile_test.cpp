// Clients and names that mean harm, against the page as a whole.

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include <sys/resource.h>

#include "spool/hostile_names.hpp"
#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

const std::string kScript = "<script>alert(1)</script>";

/// So many descriptors in this process, or as many as it may have.
void allow_descriptors(rlim_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min(count, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(HostileTest, AThousandConnectionsThatSayNothingKeepNobodyOut) {
    allow_descriptors(4096);
    SiteBench bench;
    std::vector<server::Client> silent;
    for (int i = 0; i < 1000; ++i) silent.push_back(bench.connect());
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(bench.get("/").starts_with("HTTP/1.1 200 "));
}

TEST(HostileTest, ARequestLineOfAMegabyteIsRefused) {
    SiteBench bench;
    auto client = bench.connect();
    client.send("GET /" + std::string(1024 * 1024, 'a'));
    EXPECT_TRUE(has(client.read_until("}}"), "431 Request Header Fields Too Large"));
    EXPECT_TRUE(bench.get("/?q=" + std::string(10'000, '%')).starts_with("HTTP/1.1 200 "));
}

TEST(HostileTest, AFormThatIsTooLongIsRefused) {
    SiteBench bench;
    EXPECT_TRUE(
        bench.post("/jobs/1/cancel", "form=" + std::string(100'000, 'x')).starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(bench.asked_for().empty());
}

TEST(HostileTest, FilesOfAnyNameAreCheckedSentAndShown) {
    SiteBench bench;
    for (const std::string& name : testing::hostile_names()) {
        const std::string page = location(bench.upload(name + ".jsonl", "{}\n"));
        if (page.empty()) continue;  // refused, in words: what a form can't hold, and what is too long
        const std::string checked = bench.get(page);
        EXPECT_TRUE(checked.starts_with("HTTP/1.1 200 ")) << name;
        EXPECT_FALSE(has(checked, "\x1b")) << name;
        EXPECT_EQ(location(bench.post(page + "/send", "form=" + bench.form_token())), page) << name;
        EXPECT_TRUE(bench.get(page).starts_with("HTTP/1.1 200 ")) << name;
    }
    EXPECT_GT(bench.files_in_inbox(), 8U);
    EXPECT_TRUE(std::filesystem::exists(bench.inbox() / "日本語 😀.jsonl"));
}

TEST(HostileTest, NoPageHasMarkupOfTheStatesInIt) {
    SiteBench bench;
    const auto job = bench.add_job(kScript, "");
    auto& store = bench.store();
    ASSERT_TRUE(store.events.add(TimePoint{}, job, kScript, kScript, kScript, kScript));
    ASSERT_TRUE(
        store.conditions.set({.kind = kScript, .about = kScript, .text = kScript, .job = job}, TimePoint{}));
    store::Batch batch;
    batch.job_id = job;
    batch.shard = 1;
    batch.key = batch.batch_id = batch.status = batch.model = batch.error = kScript;
    batch.ended_at = TimePoint{};
    ASSERT_TRUE(store.batches.restore(batch));
    bench.put(
        "errors.jsonl",
        R"({"custom_id":"<script>alert(1)</script>","response":null,"error":{"code":"<script>alert(1)</script>",)"
        R"("message":"<script>alert(1)</script>"}})");
    ASSERT_TRUE(store.database.execute("UPDATE jobs SET failed = 1"));
    for (const char* path : {"/", "/jobs/1", "/submit", "/queues", "/providers", "/spending?days=all",
                             "/events", "/about", "/nothing/%3Cscript%3Ealert(1)%3C/script%3E"}) {
        const std::string page = bench.get(path);
        EXPECT_FALSE(has(page, kScript)) << path << page;
        EXPECT_FALSE(page.starts_with("HTTP/1.1 5")) << path << page;
    }
    EXPECT_TRUE(has(bench.get("/jobs/1"), "&lt;script&gt;"));
}

/// A disk that takes no more of a file than this.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit less{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &less);
    }
    ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST(HostileTest, OfAFileThatTheDiskDoesNotTakeNothingStays) {
    SiteBench bench;
    std::string answer;
    {
        const FileLimit limit(1'000'000);
        answer = bench.upload("large.jsonl", std::string(3'000'000, 'x'));
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer.substr(0, 300);
    EXPECT_TRUE(has(answer, "That did not work"));
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(HostileTest, AnInboxThatIsNotThereIsSaid) {
    SiteBench bench;
    std::filesystem::remove_all(bench.inbox());
    const std::string answer = bench.upload("a.jsonl", "{}\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer.substr(0, 300);
    EXPECT_TRUE(has(answer, "That did not work"));
}

}  // namespace
}  // namespace batchd::web
