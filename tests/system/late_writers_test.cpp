#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "system/requests.hpp"
#include "system/small_disk.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

/// Programs that go on writing to a file that they have shown already.
class LateWritersTest : public SystemTest {
protected:
    Path in_inbox(const std::string& name) const { return bench.inbox() / (name + ".jsonl"); }
    static std::string line(const std::string& id) { return chat_line(id) + "\n"; }
    /// Waits until a file that was dropped now has come out: whatever was to be taken by then, is.
    void let_another_job_pass(const std::string& name) {
        bench.drop(name, line(name));
        ASSERT_TRUE(bench.wait_until([&] { return bench.job_state(name) == "done"; }));
    }
    std::size_t jobs_named(const std::string& name) const {
        return bench.database().count("jobs WHERE name = ?", {name});
    }
    /// Runs until the batch of the first job is at the provider, where it stays until finish().
    void start_and_submit() {
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("batch_created"));
    }
    void finish(std::size_t jobs) {
        bench.provider().change_settings(R"({"in_progress":0})");
        bench.provider().advance_clock(2h);
        ASSERT_TRUE(bench.wait_for_jobs(jobs));
    }
};

TEST_F(LateWritersTest, ATouchByAnotherProgramDoesNotEndTheFirst) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.expect_input("slow", line("one") + line("two"));
    std::ofstream writer(in_inbox("slow"));
    writer << line("one") << std::flush;
    std::ofstream(in_inbox("slow"), std::ios::app).close();
    let_another_job_pass("another");
    EXPECT_EQ(jobs_named("slow"), 0U);
    writer << line("two");
    writer.close();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("slow").output_ids(), (Ids{"one", "two"}));
}

TEST_F(LateWritersTest, OneThatWasThereAtTheStartIsWaitedFor) {
    bench.expect_input("slow", line("one") + line("two"));
    std::ofstream writer(in_inbox("slow"));
    writer << line("one") << std::flush;
    bench.start();
    let_another_job_pass("first");
    let_another_job_pass("second");
    EXPECT_EQ(jobs_named("slow"), 0U);
    writer << line("two");
    writer.close();
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("slow").output_ids(), (Ids{"one", "two"}));
}

TEST_F(LateWritersTest, LinesThatCameThroughAnotherNameOfTheFileAreAJobOfTheirOwn) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    const Path elsewhere = bench.root() / "elsewhere";
    ASSERT_TRUE(replace_file(elsewhere, line("one")));
    std::filesystem::create_hard_link(elsewhere, in_inbox("linked"));
    bench.expect_input("linked", line("one"));
    start_and_submit();
    std::ofstream(elsewhere, std::ios::app) << line("two") << line("three");
    bench.expect_input("linked", line("two") + line("three"));
    finish(2);
    EXPECT_EQ(bench.published("linked").output_ids(), Ids{"one"});
    EXPECT_EQ(bench.published("linked.2").output_ids(), (Ids{"two", "three"}));
    EXPECT_TRUE(bench.database().has_event("input_changed", "they are job 2"));
}

TEST_F(LateWritersTest, AFileThatIsOverwrittenAfterItWasSentIsSaid) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    const Path made = bench.root() / "made";
    const std::string sent = line("one");
    std::string altered = sent;
    altered.replace(altered.find("gpt-4o"), 6, "gpt-9z");
    ASSERT_TRUE(replace_file(made, sent));
    const UniqueFd writer = open_file(made, O_WRONLY).value();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    std::filesystem::rename(made, in_inbox("kept-open"));
    bench.expect_input("kept-open", altered);
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    ASSERT_EQ(::pwrite(writer.get(), altered.data(), altered.size(), 0),
              static_cast<ssize_t>(altered.size()));
    finish(1);
    const PublishedJob job = bench.published("kept-open");
    EXPECT_EQ(job.input, altered);
    EXPECT_TRUE(job.summary.at("input_changed").as_bool());
    EXPECT_TRUE(bench.database().has_event("input_changed", "altered"));
    EXPECT_EQ(bench.database().value("SELECT input_changed FROM jobs"), "1");
}

/// What is sent is made of the file when it is sent, so there is nothing left to send of a line that is
/// another.
TEST_F(LateWritersTest, AFileThatIsOverwrittenBeforeItIsSentIsNotSent) {
    bench.use_transport(Transport::plain);
    bench.stop_provider();
    const Path made = bench.root() / "made";
    const std::string read = line("one") + line("two");
    std::string altered = read;
    altered.replace(altered.rfind("gpt-4o"), 6, "gpt-9z");
    ASSERT_TRUE(replace_file(made, read));
    const UniqueFd writer = open_file(made, O_WRONLY).value();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    std::filesystem::rename(made, in_inbox("kept-open"));
    bench.expect_input("kept-open", altered);
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    ASSERT_EQ(::pwrite(writer.get(), altered.data(), altered.size(), 0),
              static_cast<ssize_t>(altered.size()));
    bench.start_provider();
    ASSERT_TRUE(
        bench.wait_for_event("waiting", "input.jsonl: line 2 is no longer what it was when it was read"));
    ASSERT_TRUE(bench.wait_for_event("input_changed", "`batchd cancel 1` ends the job"));
    EXPECT_EQ(bench.database().value("SELECT input_changed FROM jobs"), "1")
        << "before anything is delivered";
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 0);
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().count("events WHERE kind = 'input_changed'"), 1U);
    const PublishedJob job = bench.published("kept-open");
    EXPECT_EQ(job.input, altered);
    EXPECT_TRUE(job.summary.at("input_changed").as_bool());
    EXPECT_EQ(job.errors.size(), 2U);
}

TEST_F(LateWritersTest, AnEmptyFileIsTakenWholeOnceItIsWritten) {
    bench.set("spool.empty_wait", "\"60s\"");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    std::ofstream(in_inbox("copied")).close();
    let_another_job_pass("first");
    let_another_job_pass("second");
    EXPECT_EQ(jobs_named("copied"), 0U);
    bench.expect_input("copied", line("one"));
    std::ofstream(in_inbox("copied")) << line("one");
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("copied").output_ids(), Ids{"one"});
}

/// The inbox is on another file system than the state.
class FarInboxTest : public LateWritersTest {
protected:
    void SetUp() override {
        if (!disk.is_mounted()) GTEST_SKIP() << disk.why();
    }
    void put(const std::string& name, const std::string& content) {
        ASSERT_TRUE(replace_file(in_inbox(name), content));
        bench.expect_input(name, content);
    }
    /// The only file that is in the inbox, under whatever name.
    Path the_one_left() const { return std::filesystem::directory_iterator(bench.inbox())->path(); }

    SmallDisk disk{bench.inbox(), 16 * 1024 * 1024};
};

TEST_F(FarInboxTest, IsEmptyOnceTheJobsAreDelivered) {
    put("one", line("one"));
    put("bad", "no request\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.published("one").output_ids(), Ids{"one"});
    EXPECT_EQ(slurp(bench.rejected() / "bad/input.jsonl"), "no request\n");
    EXPECT_TRUE(std::filesystem::is_empty(bench.inbox()));
}

TEST_F(FarInboxTest, LinesThatCameAfterTheCopyAreAJobOfTheirOwn) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    put("far", line("one"));
    start_and_submit();
    EXPECT_EQ(the_one_left().extension(), ".taken");
    std::ofstream(the_one_left(), std::ios::app) << line("two");
    bench.expect_input("far", line("two"));
    finish(2);
    EXPECT_EQ(bench.published("far").input, line("one"));
    EXPECT_EQ(bench.published("far.2").output_ids(), Ids{"two"});
    EXPECT_TRUE(std::filesystem::is_empty(bench.inbox()));
}

TEST_F(FarInboxTest, KilledWhileAJobRunsItGoesOnAndTakesTheFileOnce) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    put("far", line("one"));
    start_and_submit();
    bench.daemon().kill();
    bench.provider().change_settings(R"({"in_progress":0})");
    bench.provider().advance_clock(2h);
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("far").output_ids(), Ids{"one"});
    EXPECT_TRUE(std::filesystem::is_empty(bench.inbox()));
}

TEST_F(FarInboxTest, AnOriginalThatWasAlteredIsKeptAndShown) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    put("far", line("one"));
    start_and_submit();
    std::ofstream(the_one_left()) << "another\n";
    bench.provider().change_settings(R"({"in_progress":0})");
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_TRUE(bench.database().has_event("input_changed", "altered"));
    EXPECT_EQ(bench.published("far").input, line("one")) << "the copy is what was sent";
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("conditions WHERE kind = 'left_alone' AND files = 1") == 1; }));
    EXPECT_EQ(slurp(the_one_left()), "another\n");
}

}  // namespace
}  // namespace batchd::testing
