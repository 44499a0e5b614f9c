// A provider's table is changed, removed and put back in the configuration while a batch of it is in flight.
#include <csignal>

#include "sim/backend.hpp"
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

class AccountsTest : public LyingTest {
protected:
    AccountsTest() { manner(R"({"in_progress":3600})"); }

    void reload() {
        const std::size_t before = reloads();
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
        ASSERT_TRUE(bench.wait_until([&] { return reloads() > before; }));
    }
    std::size_t reloads() const { return bench.database().count("events WHERE detail LIKE 'read again%'"); }
    void adopt(const std::string& batch_id) {
        OpenWriter writer(bench.state() / "batchd.db");
        writer.execute("INSERT INTO commands (verb, job_id, argument) VALUES ('adopt', 1, '" + batch_id +
                       "')");
        writer.commit();
    }
    std::string id_at_provider() {
        std::string id;
        bench.provider().with([&](sim::Backend& backend) { id = backend.batches.all().front().id; });
        return id;
    }
    void let_batches_end() { bench.provider().advance_clock(2h); }
    std::string why_held() const {
        return bench.database().value("SELECT text FROM conditions WHERE kind = 'held'");
    }

    /// [provider.other], with the same service behind it.
    void have_other() {
        bench.set("provider.other.base_url", "\"" + bench.provider().base_url() + "\"");
        bench.set("provider.other.api_key_file", "\"" + bench.key_file().string() + "\"");
        bench.set("provider.other.list_lag", "\"300ms\"");
    }
    void remove_other() {
        for (const char* const key : {"base_url", "api_key_file", "list_lag"})
            bench.unset("provider.other." + std::string(key));
    }
    /// A job of [provider.other] with a batch in flight, and the daemon stopped.
    void leave_a_batch_of_other() {
        have_other();
        bench.drop("in", rows(5));
        bench.start();
        ASSERT_TRUE(wait_for_phase("watching"));
        EXPECT_EQ(bench.stop(), 0);
        move_to_other();
    }
    void move_to_other() {
        OpenWriter writer(bench.state() / "batchd.db");
        writer.execute("UPDATE jobs SET provider = 'other', terms = json_set(terms, '$.provider', 'other')");
        writer.execute("UPDATE batches SET provider = 'other'");
        writer.commit();
    }
    void expect_answered_with_one_create() {
        ASSERT_TRUE(bench.wait_for_jobs(1));
        expect_answered("in", 5);
        EXPECT_EQ(creates(), 1U);
    }
};

TEST_F(AccountsTest, AnotherAddressIsTakenOverByAReloadAndTheOneBeforeGoesOn) {
    bench.drop("in", rows(5));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    const std::string here = "\"" + bench.provider().base_url() + "\"";
    sim::Server elsewhere({.data = bench.root() / "elsewhere", .key = kApiKey});
    bench.set("provider.base_url", "\"" + elsewhere.base_url() + "\"");
    reload();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    EXPECT_NE(why_held().find("put provider.base_url back"), std::string::npos) << why_held();
    bench.set("provider.base_url", here);
    reload();
    ASSERT_TRUE(bench.wait_until([&] { return !is_held(); }));
    let_batches_end();
    expect_answered_with_one_create();
    elsewhere.with([](sim::Backend& backend) { EXPECT_TRUE(backend.batches.all().empty()); });
}

TEST_F(AccountsTest, AnAdoptionOutlivesAReloadInTheMiddleOfItsCall) {
    bench.excuse_provider_hiding_batches();
    bench.set("provider.timeout", "\"2s\"");
    fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    lie(R"({"about":"batch","in":["list"],"times":-1,"hide":true})");
    lie(R"({"about":"page","in":["batches"],"times":-1,"fill":"data","item":{},"bytes":100})");
    bench.drop("in", rows(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    fault(R"({"route":"GET /v1/batches/*","action":"stall_before","times":-1})");
    adopt(id_at_provider());
    ASSERT_TRUE(bench.wait_for_requests_to("GET /v1/batches/*", 1));
    bench.set("provider.max_connections", "3");
    reload();
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("commands WHERE ok = 0") == 1; }));
    bench.provider().clear_faults();
    adopt(id_at_provider());
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("commands WHERE ok = 1") == 1; }));
    let_batches_end();
    expect_answered_with_one_create();
}

TEST_F(AccountsTest, ARunOnceDoesNotWaitForWhatIsOfATableThatIsGone) {
    manner(R"({"in_progress":0.1})");
    const std::string key = slurp(bench.key_file());
    std::filesystem::remove(bench.key_file());
    bench.drop("in", rows(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    EXPECT_EQ(bench.stop(), 0);
    move_to_other();
    replace_file(bench.key_file(), key).value();
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_NE(bench.log().find("the configuration has no [provider.other]"), std::string::npos);
    have_other();
    EXPECT_EQ(bench.run_once(), 0);
    expect_answered("in", 5);
}

TEST_F(AccountsTest, ARemovedTableHoldsItsBatchUntilAReloadPutsItBack) {
    leave_a_batch_of_other();
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'started'") == 2; }));
    remove_other();
    reload();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    EXPECT_NE(why_held().find("no longer has [provider.other]: put it back"), std::string::npos)
        << why_held();
    have_other();
    reload();
    ASSERT_TRUE(bench.wait_until([&] { return !is_held(); }));
    let_batches_end();
    expect_answered_with_one_create();
}

TEST_F(AccountsTest, ATableRemovedWhileTheDaemonStoodStillHoldsUpNobodyElse) {
    leave_a_batch_of_other();
    remove_other();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    manner(R"({"in_progress":0.1})");
    bench.drop("next", rows(3));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_answered("next", 3);
    EXPECT_TRUE(is_held());
    have_other();
    reload();
    let_batches_end();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    expect_answered("in", 5);
    EXPECT_EQ(creates(), 2U);
}

TEST_F(AccountsTest, WhatARemovedTableHoldsIsEndedByAbandon) {
    leave_a_batch_of_other();
    remove_other();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    bench.ask("abandon", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(5));
    EXPECT_EQ(bench.database().value("SELECT outcome FROM batches"), "abandoned");
    EXPECT_EQ(creates(), 1U);
}

TEST_F(AccountsTest, ARetryForATableThatIsGoneSaysWhatItWaitsForAndIsEndedByCancel) {
    manner(R"({"in_progress":0.1,"rows":[{"match":"r-1","status":400}]})");
    bench.drop("in", rows(5));
    EXPECT_EQ(bench.run_once(), 0);
    move_to_other();
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("conditions WHERE text LIKE '%has no [provider.other]%'") > 0;
    }));
    expect_that_cancel_ends(2, 2);
}

TEST_F(AccountsTest, WhatARemovedTableHoldsIsEndedByCancel) {
    leave_a_batch_of_other();
    remove_other();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    expect_that_cancel_ends(1);
    EXPECT_EQ(bench.job_state("in"), "cancelled");
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(5));
}

}  // namespace
}  // namespace batchd::testing
