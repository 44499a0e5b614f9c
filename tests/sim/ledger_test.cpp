#include "sim/ledger.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {
namespace {

struct LedgerTest : ::testing::Test {
    Ledger ledger;

    static Batch batch(const char* id, Status status = Status::in_progress) {
        Batch made;
        made.id = id;
        made.request.input_file_id = "file-1";
        made.status = status;
        return made;
    }
    std::int64_t violations() {
        return ledger.report(RowDetail::leave_out).at("violation_count").to_number<std::int64_t>();
    }
};

TEST_F(LedgerTest, ASecondBatchOfAFileIsAViolationUnlessTheFirstHasFailed) {
    const Batch failed = batch("b1", Status::failed);
    ledger.batch_created(batch("b2"), {&failed});
    EXPECT_EQ(violations(), 0);
    const Batch running = batch("b3");
    ledger.batch_created(batch("b4"), {&failed, &running});
    EXPECT_EQ(violations(), 1);
}

TEST_F(LedgerTest, ARowMayRunAgainOnlyAfterAFailureWorthRetrying) {
    ledger.rows_started(batch("b1"), "job", {"a", "b"});
    ledger.rows_ended(batch("b1"), "job", {{"a", true}, {"b", false}});
    ledger.rows_started(batch("b2"), "job", {"a"});
    EXPECT_EQ(violations(), 0);
    ledger.rows_started(batch("b3"), "job", {"b"});
    EXPECT_EQ(violations(), 1);
}

TEST_F(LedgerTest, ARowMayNotRunInTwoBatchesAtOnce) {
    ledger.rows_started(batch("b1"), "job", {"a"});
    ledger.rows_started(batch("b2"), "job", {"a"});
    EXPECT_EQ(violations(), 1);
}

TEST_F(LedgerTest, ARowThatABatchNeverGotToIsNotPaidThere) {
    ledger.rows_started(batch("b1"), "job", {"a", "b"});
    ledger.rows_started(batch("b2"), "job", {"a", "b"});
    EXPECT_EQ(violations(), 2);
    ledger.rows_ended(batch("b2"), "job", {{"a", true}, {"b", false}});  // cancelled when it had done b
    EXPECT_EQ(violations(), 1);
    ledger.rows_ended(batch("b1"), "job", {{"a", false}, {"b", true}});
    EXPECT_EQ(violations(), 0);
    const auto report = ledger.report(RowDetail::leave_out);
    EXPECT_EQ(report.at("rows_paid"), 2);
    EXPECT_EQ(report.at("rows_paid_twice"), 0);
}

TEST_F(LedgerTest, OfThreeRunsEachPaidOneBehindTheFirstIsAViolation) {
    for (const char* id : {"b1", "b2", "b3"}) ledger.rows_started(batch(id), "job", {"a"});
    EXPECT_EQ(violations(), 2);
    ledger.rows_ended(batch("b1"), "job", {{"a", true}});
    EXPECT_EQ(violations(), 1);
    ledger.rows_ended(batch("b3"), "job", {{"a", false}});
    const auto report = ledger.report(RowDetail::leave_out);
    EXPECT_EQ(report.at("rows_paid_twice"), 1);
}

TEST_F(LedgerTest, TheSameIdInTwoJobsIsTwoRows) {
    ledger.rows_started(batch("b1"), "job 1", {"a"});
    ledger.rows_started(batch("b2"), "job 2", {"a"});
    EXPECT_EQ(violations(), 0);
    const auto report = ledger.report(RowDetail::include);
    EXPECT_EQ(report.at("rows").at("job 1").at("a"), 1);
    EXPECT_EQ(report.at("rows_run"), 2);
}

TEST_F(LedgerTest, RemembersTheMostConnectionsAtOnce) {
    ledger.connection_opened();
    ledger.connection_opened();
    ledger.connection_closed();
    ledger.connection_opened();
    EXPECT_EQ(ledger.report(RowDetail::leave_out).at("connections_max"), 2);
}

}  // namespace
}  // namespace batchd::sim
