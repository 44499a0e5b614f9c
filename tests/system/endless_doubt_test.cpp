// Creates whose effect nobody can tell, and listings that prove nothing.
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

const char* const kLost =
    R"({"route":"POST /v1/batches","action":"status_after","status":502,"body":"<html>"})";
const char* const kEmptyListing = R"({"route":"GET /v1/batches","action":"status","status":200,"times":-1,)"
                                  R"("body":{"object":"list","data":[],"has_more":false}})";

/// A create that was answered with success is never made again; what can't be read of it is looked for.
class AnsweredCreateTest : public LyingTableTest {};

TEST_P(AnsweredCreateTest, IsNeverMadeAgainAndFoundOnceItShows) {
    manner(R"({"list_lag":3})");
    make(GetParam());
    run_one_job(5);
    expect_answered("in", 5);
    EXPECT_EQ(creates(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    EachAnswer, AnsweredCreateTest,
    ::testing::Values(
        Trouble{.name = "Half", .faults = {R"({"route":"POST /v1/batches","action":"half"})"}},
        Trouble{.name = "Empty",
                .faults = {R"({"route":"POST /v1/batches","action":"status_after","status":200,"body":""})"}},
        Trouble{.name = "CreatedWithoutAnId",
                .faults = {R"({"route":"POST /v1/batches","action":"status_after","status":201,"times":-1,)"
                           R"("body":{"object":"batch"}})"}},
        Trouble{.name = "AnIdThatIsANumber",
                .lies = {R"({"about":"batch","in":["create"],"set":{"id":17}})"}},
        Trouble{.name = "AnotherInputFile",
                .lies = {R"({"about":"batch","in":["create"],"set":{"input_file_id":"file-of-others",)"
                         R"("metadata":null}})"}},
        Trouble{.name = "NoStatus", .lies = {R"({"about":"batch","in":["create"],"drop":["status"]})"}}),
    name_of);

/// No object can be read as a batch of ours, for ever.
class EndlessDoubtTest : public LyingTableTest {};

TEST_P(EndlessDoubtTest, IsSaidAndNotMadeAgainAndCancelEndsIt) {
    manner(R"({"in_progress":3600})");
    make(GetParam());
    bench.drop("in", rows(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_said(); }));
    EXPECT_EQ(creates(), 1U);
    expect_that_cancel_ends(1);
    EXPECT_EQ(creates(), 1U);
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(5));
}

INSTANTIATE_TEST_SUITE_P(
    EachLie, EndlessDoubtTest,
    ::testing::Values(
        Trouble{.name = "NoStatusAnywhere", .lies = {R"({"about":"batch","times":-1,"drop":["status"]})"}},
        Trouble{.name = "AStatusThatIsANumber",
                .lies = {R"({"about":"batch","times":-1,"set":{"status":3}})"}},
        Trouble{.name = "NeitherMarkNorInputFile",
                .lies = {R"({"about":"batch","in":["list","get"],"times":-1,)"
                         R"("set":{"metadata":null,"input_file_id":null}})"},
                .faults = {kLost}},
        Trouble{.name = "ASecondPageThatFailsForEver",
                .faults = {kLost, R"({"route":"GET /v1/batches","query":"after","action":"status",)"
                                  R"("status":500,"times":-1})"},
                .planted = {R"({"count":100,"first":true})"}},
        Trouble{.name = "EntriesThatCanNotBeRead",
                .lies = {R"({"about":"batch","in":["list"],"times":-1,"set":{"id":null}})"},
                .faults = {kLost}}),
    name_of);

class DoubtfulListingTest : public LyingTest {
protected:
    /// Each create takes effect and is answered so, and the list shows nothing.
    void expect_two_creates_at_most(const char* answer) {
        bench.excuse_provider_hiding_batches();
        manner(R"({"in_progress":3600})");
        fault(kEmptyListing);
        fault(answer);
        bench.drop("in", rows(5));
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
        EXPECT_LE(creates(), 2U);
        expect_that_cancel_ends(1);
        EXPECT_LE(creates(), 2U);
    }
};

TEST_F(DoubtfulListingTest, AnIdThatIsTooLongForAnybodyIsTakenOrHeldAndNotMadeAgain) {
    manner(R"({"batch_id_length":5000})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(wait_until_held_or_ended(1));
    if (is_held()) expect_that_cancel_ends(1);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(DoubtfulListingTest, AnEmptyOneDoesNotShowWhatExistsAndProvesNothing) {
    manner(R"({"in_progress":3600})");
    fault(kEmptyListing);
    bench.drop("first", rows(3));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    fault(kLost);
    bench.drop("second", rows(3));
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    EXPECT_EQ(batches_at_provider(), 2U);
    expect_that_cancel_ends(2);
    bench.provider().clear_faults();
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(batches_at_provider(), 2U);
    EXPECT_EQ(bench.job_state("first"), "done");
}

TEST_F(DoubtfulListingTest, WhereEveryCreateIsLostOneIsMadeAgainAtMostAndThenHeld) {
    expect_two_creates_at_most(
        R"({"route":"POST /v1/batches","action":"status_after","status":504,"times":-1,"body":"<html>504"})");
}

TEST_F(DoubtfulListingTest, WhereAPageHidesEachCreateOneIsMadeAgainAtMostAndThenHeld) {
    expect_two_creates_at_most(
        R"({"route":"POST /v1/batches","action":"status_after","status":403,"times":-1,"body":"<html>403"})");
}

TEST_F(DoubtfulListingTest, OneThatIsNotInOrderOfTimeIsReadToItsEnd) {
    bench.provider().plant_batches(R"({"first":true,"age_seconds":7776000})");
    bench.provider().plant_batches(R"({"first":true})");
    fault(kLost);
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(DoubtfulListingTest, OneThatIsNotInOrderOfTimeIsReadToItsLastPage) {
    bench.provider().plant_batches(R"({"count":80,"first":true,"age_seconds":7776000})");
    bench.provider().plant_batches(R"({"count":80,"first":true})");
    fault(kLost);
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(DoubtfulListingTest, AShuffledOneOfManyPagesIsReadToItsEnd) {
    manner(R"({"list_order":"shuffled"})");
    for (int age = 0; age < 3; ++age)
        bench.provider().plant_batches(R"({"count":90,"age_seconds":)" + std::to_string(age * 7776000) + "}");
    fault(kLost);
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(DoubtfulListingTest, OneThatRewritesWhatWeKnowCanNotShowOurMark) {
    manner(R"({"in_progress":3600})");
    bench.drop("first", rows(3));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    lie(R"({"about":"batch","times":-1,"set":{"metadata":null,"input_file_id":"file-rewritten"}})");
    fault(kLost);
    bench.drop("second", rows(10));
    ASSERT_TRUE(bench.wait_until(
        [&] { return is_held() || bench.database().count("batches WHERE phase = 'watching'") == 2; }));
    EXPECT_EQ(batches_at_provider(), 2U);
    expect_that_cancel_ends(2);
    EXPECT_EQ(batches_at_provider(), 2U);
}

TEST_F(DoubtfulListingTest, OneThatRewritesTheFirstBatchOfAllMayShowOurs) {
    manner(R"({"in_progress":3600})");
    lie(R"({"about":"batch","times":-1,"set":{"input_file_id":"file-rewritten","metadata":{"tenant":"x"}}})");
    fault(kLost);
    bench.drop("in", rows(10));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held(); }));
    EXPECT_EQ(creates(), 1U);
    expect_that_cancel_ends(1);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(DoubtfulListingTest, OneThatHidesOursForATimeIsNotBelievedAtOnce) {
    lie(R"({"about":"batch","in":["list"],"hide":true})");
    fault(kLost);
    run_one_job(3);
    expect_answered("in", 3);
}

TEST_F(DoubtfulListingTest, WhatWaitedForTheGateWhenItWasKilledWasNeverSentAndIsSent) {
    manner(R"({"in_progress":3600})");
    bench.set("retry.min_backoff", "\"10s\"");  // the gate stays shut for longer than the upload takes
    bench.set("retry.max_backoff", "\"20s\"");
    fault(R"({"route":"POST /v1/files","skip":1,"action":"delay","seconds":2})");
    bench.drop("first", rows(2));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    bench.drop("second", rows(2));
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/files", 2));
    fault(R"({"route":["GET /v1/batches/*","GET /v1/batches","POST /v1/batches"],)"
          R"("action":"status","status":401,"times":-1})");
    ASSERT_TRUE(bench.wait_for_event("provider_closed"));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("batches WHERE input_file_id IS NOT NULL") == 2; }));
    bench.daemon().kill();
    const std::uint64_t sent = creates();
    bench.provider().clear_faults();
    fault(R"({"route":"GET /v1/batches","action":"status","status":404,"times":-1})");
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching", 2));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_LE(creates(), sent + 1);
    EXPECT_EQ(batches_at_provider(), 2U);
}

}  // namespace
}  // namespace batchd::testing
