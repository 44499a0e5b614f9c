// Files of ours that somebody removes from work/ by hand: the job says so and waits, and a cancel ends it.

#include <csignal>
#include <fstream>

#include "sim/backend.hpp"
#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// What was removed is lost, so not all that holds of other jobs holds of these.
class MissingFilesTest : public ::testing::Test {
protected:
    Workbench bench;

    void TearDown() override {
        EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
        EXPECT_TRUE(bench.report().at("violations").as_array().empty()) << bench.report().at("violations");
    }
    std::string value(const std::string& sql) const { return bench.database().value(sql); }
    Path work_of(const std::string& name) const {
        return bench.state() / "work" / value("SELECT key FROM jobs WHERE name = '" + name + "'");
    }
    void lose_files_of(const std::string& name) { std::filesystem::remove_all(work_of(name)); }
    void expect_that_cancel_ends(const std::string& name, const std::string& state) {
        ASSERT_EQ(Shell(bench).run({"cancel", name}), 0);
        ASSERT_TRUE(bench.wait_until([&] { return bench.job_state(name) == state; }))
            << bench.job_state(name) << "\n"
            << bench.log();
    }
    void expect_reason(const std::string& name) {
        EXPECT_NE(value("SELECT reason FROM jobs WHERE name = '" + name + "'").find("is missing: somebody"),
                  std::string::npos);
    }
    /// A queue "nightly", in which what is dropped waits until it is released.
    void start_with_a_queue() {
        bench.set("queue.nightly.schedule", "\"0 0 1 1 *\"");
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::exists(bench.inbox() / "nightly"); }));
    }
    bool wait_until_waiting(std::size_t files) {
        return bench.wait_until([&] { return bench.database().count("waiting") == files; });
    }
    /// Another job is neither held up nor hurt.
    void expect_that_another_goes_on() {
        bench.provider().change_settings(R"({"in_progress":0})");
        bench.drop("another", articles(3));
        ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("another") == "done"; })) << bench.log();
    }
};

TEST_F(MissingFilesTest, OfAJobThatWaitsInItsQueue) {
    start_with_a_queue();
    bench.drop_into("nightly", "in", articles(3));
    ASSERT_TRUE(wait_until_waiting(1));
    lose_files_of("in");
    expect_that_cancel_ends("in", "cancelled");
    expect_reason("in");
    expect_that_another_goes_on();
}

TEST_F(MissingFilesTest, OfOneOfTwoThatWaitInTheirQueueTheOtherGoes) {
    start_with_a_queue();
    bench.drop_into("nightly", "lost", articles(3));
    bench.drop_into("nightly", "whole", articles(3));
    ASSERT_TRUE(wait_until_waiting(2));
    std::filesystem::remove(work_of("lost") / "plan.json");
    ASSERT_EQ(Shell(bench).run({"release", "nightly"}), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    EXPECT_EQ(bench.job_state("lost"), "failed");
    expect_reason("lost");
    EXPECT_EQ(bench.job_state("whole"), "done");
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "nightly/lost").input, articles(3));
}

TEST_F(MissingFilesTest, OfAJobThatIsAtTheProvider) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.1})");
    bench.drop("in", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    lose_files_of("in");
    expect_that_cancel_ends("in", "cancelled");
    expect_reason("in");
    expect_that_another_goes_on();
}

TEST_F(MissingFilesTest, OfAJobThatHasEnded) {
    bench.provider().change_settings(R"({"in_progress":1})");
    bench.drop("in", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    lose_files_of("in");
    ASSERT_TRUE(bench.wait_for_event("waiting", "No such file"));
    expect_that_cancel_ends("in", "failed");
    expect_reason("in");
    expect_that_another_goes_on();
}

TEST_F(MissingFilesTest, OfAJobThatCanNotBeSent) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"status","status":503,"times":-1})");
    bench.drop("in", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("waiting"));
    lose_files_of("in");
    expect_that_cancel_ends("in", "cancelled");
    expect_reason("in");
    bench.provider().clear_faults();
    expect_that_another_goes_on();
}

/// All of one kind: while one of them is under way, the others wait for what goes next.
TEST_F(MissingFilesTest, OfAJobThatCanNotBeSentTheOthersOfItsKindGoAllTheSame) {
    // Without a key it is about to be sent, and nothing of it is read yet.
    const std::string key = slurp(bench.key_file());
    std::filesystem::remove(bench.key_file());
    bench.drop("lost", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    for (const auto& file : std::filesystem::directory_iterator(work_of("lost")))
        if (file.path().extension() == ".rows") std::filesystem::remove(file.path());
    for (const char* name : {"one", "two"}) bench.drop(name, articles(3));
    replace_file(bench.key_file(), key).value();
    bench.daemon().send(SIGHUP);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    EXPECT_EQ(bench.job_state("one"), "done");
    EXPECT_EQ(bench.job_state("two"), "done");
    expect_that_cancel_ends("lost", "cancelled");
}

TEST_F(MissingFilesTest, OfThoseThatWereToGoTogetherTheOthersDo) {
    start_with_a_queue();
    const Path mine = bench.root() / "mine";
    for (const char* name : {"altered", "one", "two"}) {
        if (std::string_view(name) == "altered") {
            // Its owner keeps a second name of the file.
            ASSERT_TRUE(replace_file(mine, articles(3)));
            std::filesystem::create_hard_link(mine, bench.inbox() / "nightly/altered.jsonl");
        } else {
            bench.drop_into("nightly", name, articles(3));
        }
        ASSERT_TRUE(bench.wait_until([&] { return bench.job_state(name) == "planned"; }));
    }
    ASSERT_TRUE(wait_until_waiting(3));
    std::string altered = articles(3);
    altered.replace(altered.rfind("gpt-4o"), 6, "gpt-9z");
    std::ofstream(mine) << altered;
    ASSERT_EQ(Shell(bench).run({"release", "nightly"}), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    EXPECT_EQ(bench.job_state("one"), "done");
    EXPECT_EQ(bench.job_state("two"), "done");
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U) << "as one, as they were to";
    ASSERT_TRUE(bench.wait_for_event("waiting", "no longer what it was"));
    expect_that_cancel_ends("altered", "cancelled");
}

TEST_F(MissingFilesTest, OfAJobThatIsBeingDeliveredWhatIsThereIsDelivered) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    // Nothing can be put there until it is a folder again.
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::exists(bench.outbox()); }));
    std::filesystem::rename(bench.outbox(), bench.root() / "outbox-away");
    replace_file(bench.outbox(), "").value();
    bench.drop("in", articles(3));
    ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("in") == "delivering"; }));
    ASSERT_TRUE(bench.wait_for_event("waiting"));
    for (const auto& file : std::filesystem::directory_iterator(work_of("in")))
        if (file.path().filename().string().find("failed") != std::string::npos)
            std::filesystem::remove(file.path());
    std::filesystem::remove(bench.outbox());
    std::filesystem::rename(bench.root() / "outbox-away", bench.outbox());
    ASSERT_TRUE(bench.wait_for_event("waiting", "No such file"));
    expect_that_cancel_ends("in", "failed");
    expect_reason("in");
    EXPECT_EQ(bench.published("in").output_ids(), (std::vector<std::string>{"article_1", "article_3"}));
}

/// "one" and "two" have gone together.
class MissingBundleTest : public MissingFilesTest {
protected:
    void share_a_batch() {
        start_with_a_queue();
        bench.drop_into("nightly", "one", articles(2));
        bench.drop_into("nightly", "two", articles(2));
        ASSERT_TRUE(wait_until_waiting(2));
        ASSERT_EQ(Shell(bench).run({"release", "nightly"}), 0);
    }
    void lose_the_bundle() {
        std::filesystem::remove_all(bench.state() / "work" /
                                    value("SELECT bundle FROM batches WHERE bundle IS NOT NULL"));
    }
    bool is_uploading() {
        return bench.wait_until([&] {
            return bench.database().count("batches WHERE bundle IS NOT NULL") > 0 &&
                   bench.requests_to("POST /v1/files") > 0;
        });
    }
};

TEST_F(MissingBundleTest, ThatHasEnded) {
    bench.provider().change_settings(R"({"in_progress":1})");
    share_a_batch();
    ASSERT_TRUE(bench.wait_for_event("batch_created", "4 requests"));
    lose_the_bundle();
    ASSERT_TRUE(bench.wait_for_event("waiting", "No such file"));
    ASSERT_EQ(Shell(bench).run({"cancel", "one"}), 0);
    ASSERT_EQ(Shell(bench).run({"cancel", "two"}), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    expect_reason("one");
    expect_reason("two");
    EXPECT_EQ(value("SELECT sum(failed) FROM jobs"), value("SELECT sum(failed) FROM batches"));
    expect_that_another_goes_on();
}

TEST_F(MissingBundleTest, ThatCanNotBeSent) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"status","status":503,"times":-1})");
    share_a_batch();
    ASSERT_TRUE(is_uploading());
    lose_the_bundle();
    ASSERT_EQ(Shell(bench).run({"cancel", "one"}), 0);
    ASSERT_EQ(Shell(bench).run({"cancel", "two"}), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    bench.provider().clear_faults();
    expect_that_another_goes_on();
}

TEST_F(MissingBundleTest, ThatIsAtTheProvider) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.1})");
    share_a_batch();
    ASSERT_TRUE(bench.wait_for_event("batch_created", "4 requests"));
    lose_the_bundle();
    expect_that_cancel_ends("one", "cancelled");
    lose_files_of("two");
    expect_that_cancel_ends("two", "cancelled");
    expect_reason("one");
    expect_that_another_goes_on();
}

}  // namespace
}  // namespace batchd::testing
