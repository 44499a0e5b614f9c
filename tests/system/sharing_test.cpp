// Files of several jobs in one batch: each gets its own back, whatever happens to it or to the others.

#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

/// Three files that wait for the provider's key, and so for each other: "first" goes alone, as the only one
/// that was there; the others go as one. What a request asks says whose it is.
class SharingTest : public SystemTest {
protected:
    void SetUp() override {
        bench.provider().change_settings(R"({"known_by_text":true})");
        key_ = slurp(bench.key_file());
        std::filesystem::remove(bench.key_file());
        bench.set("retry.min_backoff", "\"10ms\"");
    }
    /// Files with two requests each, "a" and "b" of all of them alike.
    void drop(const Ids& names) {
        for (const std::string& name : names) bench.drop(name, file_of({line("a", name), line("b", name)}));
    }
    static std::string line(const std::string& id, const std::string& name) {
        return R"({"custom_id":")" + id + R"(","body":{"model":"gpt-4o-mini","messages":[{"role":"user",)" +
               R"("content":")" + name + "/" + id + R"("}]}})";
    }
    /// Starts, and lets them go when all are checked.
    void start_with(const Ids& names) {
        bench.drop("first", file_of({line("a", "first")}));
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("job_planned"));
        drop(names);
        ASSERT_TRUE(bench.wait_until(
            [&] { return bench.database().count("events WHERE kind = 'job_planned'") > names.size(); }));
        give_key();
    }
    void give_key() {
        replace_file(bench.key_file(), key_).value();
        bench.daemon().send(SIGHUP);
    }
    void expect_answered(const std::string& name, const Ids& ids) {
        const PublishedJob job = bench.published(name);
        EXPECT_EQ(job.output_ids(), ids) << name;
        for (const ResultLine& answer : job.output)
            EXPECT_NE(boost::json::serialize(answer.object).find(name + "/" + answer.id), std::string::npos)
                << "the answer to somebody else's question";
    }
    bool wait_for_status(const std::string& status) {
        return bench.wait_until([&] {
            return bench.database().count("batches WHERE bundle IS NOT NULL AND status = ?", {status}) > 0;
        });
    }
    std::string value(const std::string& sql) { return bench.database().value(sql); }
    std::uint64_t creates() { return bench.requests_to("POST /v1/batches"); }

    std::string key_;
};

TEST_F(SharingTest, TwoBatchesOfTheSameFilesAreMadeSideBySide) {
    const auto of_both = [](const std::string& name) {
        std::string other = line("b", name);
        other.replace(other.find("gpt-4o-mini"), 11, "gpt-4o");
        return file_of({line("a", name), other});
    };
    const Ids names{"p", "q", "r", "s"};
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    for (const std::string& name : names) bench.drop(name, of_both(name));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("events WHERE kind = 'job_planned'") == names.size(); }));
    give_key();
    ASSERT_TRUE(bench.wait_for_jobs(names.size())) << bench.log();
    for (const std::string& name : names) expect_answered(name, {"a", "b"});
    EXPECT_FALSE(bench.database().has_event("waiting", "No such file"));
}

TEST_F(SharingTest, WhatWaitsAtTheSameTimeGoesAsOneAndComesBackApart) {
    start_with({"x", "y", "z"});
    ASSERT_TRUE(bench.wait_for_jobs(4));
    for (const char* name : {"x", "y", "z"}) expect_answered(name, {"a", "b"});
    EXPECT_EQ(creates(), 2U);
    EXPECT_EQ(value("SELECT count(*) FROM batches"), "2");
    EXPECT_EQ(
        value("SELECT count(*) || ' ' || sum(p.requests) || ' ' || b.requests FROM parts p JOIN batches b"
              " ON b.id = p.batch WHERE b.job_id IS NULL"),
        "3 6 6");
    EXPECT_EQ(value("SELECT sum(completed) FROM parts"), "7");
    EXPECT_EQ(value("SELECT sum(input_tokens) FROM parts"), value("SELECT sum(input_tokens) FROM batches"));
    EXPECT_EQ(value("SELECT sum(cost) FROM jobs"), value("SELECT sum(cost) FROM spending"));
    const PublishedJob y = bench.published("y");
    const auto& batch = y.summary.at("batches").as_array().at(0).as_object();
    EXPECT_TRUE(batch.at("shared").as_bool());
    EXPECT_EQ(batch.at("requests").to_number<int>(), 2);
    EXPECT_EQ(batch.at("completed").to_number<int>(), 2);
    ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::is_empty(bench.state() / "work"); }));
}

TEST_F(SharingTest, AJobThatIsCancelledEndsAtOnceAndTheBatchGoesOnForTheOthers) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    start_with({"x", "y"});
    ASSERT_TRUE(wait_for_status("in_progress"));
    EXPECT_EQ(Shell(bench).run({"cancel", "x"}), 0);
    ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("x") == "cancelled"; }));
    const PublishedJob cancelled = bench.published("x");
    EXPECT_EQ(cancelled.error_ids(), (Ids{"a", "b"}));
    EXPECT_EQ(cancelled.errors.at(0).error_code(), "batch_cancelled");
    EXPECT_EQ(bench.requests_to("POST /v1/batches/*/cancel"), 0U);
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(3));
    expect_answered("y", {"a", "b"});
    EXPECT_GT(std::stoi(value("SELECT input_tokens FROM jobs WHERE name = 'x'")), 0) << "it was charged";
    EXPECT_EQ(bench.published("x").output.size(), 0U);
}

TEST_F(SharingTest, ABatchThatAllHaveLeftIsStopped) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.1})");
    start_with({"x", "y"});
    ASSERT_TRUE(wait_for_status("in_progress"));
    for (const char* name : {"x", "y"}) EXPECT_EQ(Shell(bench).run({"cancel", name}), 0);
    ASSERT_TRUE(bench.wait_until([&] { return bench.requests_to("POST /v1/batches/*/cancel") == 1; }));
    ASSERT_TRUE(wait_for_status("cancelled"));
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("batches WHERE bundle IS NOT NULL AND cleaned_at IS NULL") == 0;
    }));
    EXPECT_EQ(bench.job_state("x"), "cancelled");
    EXPECT_EQ(bench.job_state("y"), "cancelled");
}

TEST_F(SharingTest, AJobThatIsCancelledBeforeTheBatchIsSentIsNotInIt) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/files","action":"status","status":503,"times":-1,"skip":1})");
    start_with({"x", "y"});
    ASSERT_TRUE(bench.wait_until([&] { return bench.requests_to("POST /v1/files") > 1; }));
    ASSERT_EQ(bench.database().count("batches WHERE bundle IS NOT NULL"), 1U);
    EXPECT_EQ(Shell(bench).run({"cancel", "x"}), 0);
    ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("x") == "cancelled"; }));
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(3));
    expect_answered("y", {"a", "b"});
    EXPECT_EQ(bench.published("x").error_ids(), (Ids{"a", "b"}));
    EXPECT_EQ(bench.report().at("rows_run").to_number<int>(), 3) << "first/a, y/a and y/b";
}

TEST_F(SharingTest, ABadLineIsItsOwnJobsAndTheOthersGoOn) {
    bench.drop("bad",
               file_of({R"({"custom_id":"b","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini"}})",
                        line("c", "bad")}));
    start_with({"x", "y"});
    ASSERT_TRUE(bench.wait_for_jobs(4));
    expect_answered("x", {"a", "b"});
    expect_answered("y", {"a", "b"});
    expect_answered("bad", {"c"});
    EXPECT_EQ(bench.published("bad").error_ids(), (Ids{"b"}));
}

TEST_F(SharingTest, WhatAnExpiredBatchHasNotAnsweredGoesOutAgain) {
    bench.provider().change_settings(R"({"expire_batch":[2]})");
    start_with({"x", "y", "z"});
    ASSERT_TRUE(bench.wait_for_jobs(4));
    for (const char* name : {"x", "y", "z"}) expect_answered(name, {"a", "b"});
    EXPECT_EQ(creates(), 3U);
    EXPECT_EQ(value("SELECT max(attempt) FROM parts"), "2");
}

TEST_F(SharingTest, AnAnswerThatNobodyCanReadIsLostForItsJobOnly) {
    bench.provider().change_settings(R"({"rows":[{"match":"x/b","status":200,"damage":"cut","bytes":60}]})");
    bench.set("retry.result_patience", "\"100ms\"");
    start_with({"x", "y"});
    ASSERT_TRUE(bench.wait_for_jobs(3));
    expect_answered("x", {"a"});
    EXPECT_EQ(bench.published("x").errors.at(0).error_code(), "answer_lost");
    EXPECT_GT(slurp(bench.outbox() / "x/unreadable.jsonl").size(), 20U);
    expect_answered("y", {"a", "b"});
    EXPECT_FALSE(std::filesystem::exists(bench.outbox() / "y/unreadable.jsonl"));
}

TEST_F(SharingTest, OneThatAlwaysFailsIsFoundByHalves) {
    bench.provider().change_settings(R"({"fail_batch":[2]})");
    start_with({"x", "y", "z"});
    ASSERT_TRUE(bench.wait_for_jobs(4));
    for (const char* name : {"x", "y", "z"}) expect_answered(name, {"a", "b"});
}

TEST_F(SharingTest, KilledAtAnyStepItGoesOnAndPaysOnce) {
    bench.provider().change_settings(R"({"in_progress":0.3})");
    start_with({"x", "y", "z"});
    for (const char* const event : {"batch_created", "batch_ended", "job_delivered"}) {
        ASSERT_TRUE(bench.wait_for_event(event));
        bench.daemon().kill();
        bench.start();
    }
    ASSERT_TRUE(bench.wait_for_jobs(4));
    for (const char* name : {"x", "y", "z"}) expect_answered(name, {"a", "b"});
    EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
}

TEST_F(SharingTest, ALostDatabaseIsBuiltAgainWithWhatIsShared) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    start_with({"x", "y"});
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.stop();
    bench.lose_database();
    Shell shell(bench);
    EXPECT_EQ(shell.run({"recover"}), 0) << shell.errors;
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(3));
    for (const char* name : {"x", "y"}) expect_answered(name, {"a", "b"});
    EXPECT_EQ(creates(), 2U);
}

TEST_F(SharingTest, AnOldCopyOfTheStateFindsWhatWasSentTogetherSince) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("first", file_of({line("a", "first")}));
    drop({"x", "y"});
    // Of another model, in a batch of their own, which is looked for at the same time.
    for (const char* name : {"u", "v"}) bench.drop(name, file_of({chat_line(name, "gpt-4o")}));
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'job_planned'") == 5; }));
    bench.stop();
    const Path copy = bench.root() / "copy";
    std::filesystem::copy(
        bench.state(), copy,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    replace_file(bench.key_file(), key_).value();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("batches WHERE phase = 'watching'") > 0 &&
               bench.database().count("batches WHERE phase <> 'watching'") == 0;
    }));
    const std::uint64_t made = creates();
    bench.stop();
    std::filesystem::remove_all(bench.state());
    std::filesystem::rename(copy, bench.state());
    // Long enough for each of them to ask whose requests are in what the others share.
    bench.provider().add_fault(
        R"({"route":"GET /v1/files/*/content","action":"delay","seconds":1,"times":4})");
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("batches WHERE phase = 'watching'") == made; }));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(5));
    for (const char* name : {"x", "y"}) expect_answered(name, {"a", "b"});
    for (const char* name : {"u", "v"}) EXPECT_EQ(bench.published(name).output_ids(), Ids{name});
    EXPECT_EQ(creates(), made);
    EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
}

/// Two state directories on one account: what one has sent as a batch that files share is none of the
/// other's.
class NeighbourTest : public SharingTest {
protected:
    /// Not what holds for one state: the jobs of the other are in its database.
    void TearDown() override {
        bench.stop();
        EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
        EXPECT_TRUE(bench.report().at("violations").as_array().empty()) << bench.report().at("violations");
    }
    /// "x" and "y" as one batch, from this state.
    void send_shared() {
        start_with({"x", "y"});
        ASSERT_TRUE(bench.wait_until([&] {
            return bench.database().count("batches WHERE bundle IS NOT NULL AND phase <> 'planned'") > 0;
        }));
    }
    /// A file that is checked, and waits for the next start.
    void leave_planned(const std::string& name) {
        std::filesystem::remove(bench.key_file());
        bench.drop(name, file_of({line("a", name)}));
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("job_planned"));
        bench.stop();
        replace_file(bench.key_file(), key_).value();
    }
    std::uint64_t downloads() { return bench.requests_to("GET /v1/files/*/content"); }
};

TEST_F(NeighbourTest, WhoseBatchHasEndedWithItsFilesGoneHoldsUpNothing) {
    bench.set("provider.delete_files", "true");
    send_shared();
    ASSERT_TRUE(bench.wait_for_jobs(3));
    ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::is_empty(bench.state() / "work"); }));
    bench.stop();
    std::filesystem::remove_all(bench.state());
    leave_planned("late");
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1)) << bench.log();
    expect_answered("late", {"a"});
    EXPECT_TRUE(bench.database().has_event("doubt", "its file is gone"));
}

TEST_F(NeighbourTest, WhoseBatchFailedWithoutARowIsNotAskedFor) {
    bench.provider().change_settings(R"({"fail_batch":[2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]})");
    bench.set("batch.share", "true");
    send_shared();
    ASSERT_TRUE(wait_for_status("failed"));
    bench.stop();
    std::filesystem::remove_all(bench.state());
    bench.provider().change_settings(R"({"fail_batch":[]})");
    leave_planned("late");
    const auto before = downloads();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created")) << bench.log();
    EXPECT_EQ(downloads(), before);
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(NeighbourTest, IsToldByItsIdAndItsFilesAreNotAskedFor) {
    leave_planned("late");
    const Path ours = bench.root() / "ours";
    std::filesystem::rename(bench.state(), ours);
    std::filesystem::remove(bench.key_file());
    // An hour is left for clocks that differ.
    bench.provider().advance_clock(2h);
    bench.provider().change_settings(R"({"in_progress":3600})");
    send_shared();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.stop();
    std::filesystem::remove_all(bench.state());
    std::filesystem::rename(ours, bench.state());
    const auto before = downloads();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created")) << bench.log();
    EXPECT_EQ(downloads(), before);
}

TEST_F(SharingTest, AQueueThatDoesNotWantItSendsEachFileByItself) {
    bench.set("batch.share", "false");
    start_with({"x", "y"});
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(creates(), 3U);
    EXPECT_EQ(bench.database().count("batches WHERE bundle IS NOT NULL"), 0U);
}

}  // namespace
}  // namespace batchd::testing
