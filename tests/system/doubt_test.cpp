#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// One call whose answer does not come as it should, and a job that is to end well all the same. That no
/// batch is made twice is among the invariants.
class DoubtTest : public SystemTest {
protected:
    void run_with_fault(const std::string& fault) {
        bench.provider().add_fault(fault);
        bench.drop("articles", articles(5));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
        EXPECT_EQ(bench.report().at("rows_run_again").to_number<int>(), 0);
        EXPECT_EQ(bench.report().at("batches").as_array().size(), 1U);
    }
    int creates() { return static_cast<int>(bench.requests_to("POST /v1/batches")); }
};

TEST_F(DoubtTest, ACreateThatIsResetAfterItTookEffectIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(creates(), 1);
    EXPECT_TRUE(bench.database().has_event("doubt_settled", "took effect"));
}

TEST_F(DoubtTest, ACreateThatIsResetBeforeItTookEffectIsRepeatedAfterLooking) {
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_before"})");
    EXPECT_EQ(creates(), 2);
    EXPECT_TRUE(bench.database().has_event("doubt_settled", "no effect"));
}

TEST_F(DoubtTest, ACreateWithAnAnswerThatCannotBeReadIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/batches","action":"garbage_body"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ACreateThatAProxyGaveUpOnIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/batches","action":"status_after","status":502,)"
                   R"("body":"<html><title>502 Bad Gateway</title></html>"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ACreateWithAServerErrorBeforeItsEffectIsRepeatedAfterLooking) {
    run_with_fault(R"({"route":"POST /v1/batches","action":"status","status":500})");
    EXPECT_EQ(creates(), 2);
}

TEST_F(DoubtTest, ACreateThatIsNeverAnsweredIsFoundAfterTheTimeout) {
    bench.set("provider.timeout", "\"1s\"");
    run_with_fault(R"({"route":"POST /v1/batches","action":"stall_after"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ABatchThatListingsShowLateIsWaitedFor) {
    bench.set("provider.list_lag", "\"2s\"");
    bench.provider().change_settings(R"({"list_lag":1})");
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ABatchIsFoundByItsInputFileWhereListingsDropOurMark) {
    bench.provider().change_settings(R"({"list_metadata":"drop"})");
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ListingsThatFailWhileLookingAreNoProofOfAbsence) {
    bench.provider().add_fault(R"({"route":"GET /v1/batches","action":"status","status":500,"times":3})");
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, ACreateThatIsAskedToComeBackLaterIsNoDoubt) {
    run_with_fault(
        R"({"route":"POST /v1/batches","action":"status","status":429,"headers":{"Retry-After":"1"}})");
    EXPECT_EQ(creates(), 2);
    EXPECT_FALSE(bench.database().has_event("doubt"));
}

TEST_F(DoubtTest, AnUploadThatIsResetAfterItTookEffectIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/files","action":"reset_after"})");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
    EXPECT_TRUE(bench.database().has_event("doubt_settled", "took effect"));
}

TEST_F(DoubtTest, AnUploadThatIsResetBeforeItTookEffectIsRepeatedAfterLooking) {
    run_with_fault(R"({"route":"POST /v1/files","action":"reset_before"})");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 2U);
}

TEST_F(DoubtTest, AnUploadWithAnAnswerThatCannotBeReadIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/files","action":"garbage_body"})");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(DoubtTest, AnUploadThatIsNeverAnsweredIsFoundAfterTheTimeout) {
    bench.set("provider.timeout", "\"1s\"");
    run_with_fault(R"({"route":"POST /v1/files","action":"stall_after"})");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(DoubtTest, AnUploadWithAServerErrorAfterItsEffectIsFoundAndNotRepeated) {
    run_with_fault(R"({"route":"POST /v1/files","action":"status_after","status":500})");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(DoubtTest, ABatchThatWasHiddenForTooLongIsCancelledOnceItShowsUp) {
    bench.excuse_provider_hiding_batches();
    bench.set("provider.list_lag", "\"100ms\"");
    bench.set("batch.max_requests", "1");
    bench.provider().change_settings(R"({"list_lag":3600,"in_progress":86000})");
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    bench.drop("articles", articles(4));
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("batches WHERE batch_id <> ''") == 4; }));
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 5U);
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_event("twin_cancelled"));
    EXPECT_EQ(bench.report().at("cancels").to_number<int>(), 1);
    bench.provider().advance_clock(24h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(4));
}

class DownloadTest : public DoubtTest {};

TEST_F(DownloadTest, AnAnswerFileThatIsCutOffIsFetchedAgainAndNeverPublishedShort) {
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"truncate","bytes":700,"times":3})");
    EXPECT_EQ(bench.requests_to("GET /v1/files/*/content"), 4U);
}

TEST_F(DownloadTest, AChunkedAnswerFileThatIsCutOffIsFetchedAgain) {
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"chunk_cut","bytes":700})");
    EXPECT_EQ(bench.requests_to("GET /v1/files/*/content"), 2U);
}

TEST_F(DownloadTest, ADownloadThatStandsStillIsGivenUpAndMadeAgain) {
    bench.set("provider.timeout", "\"1s\"");
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"stall_body","bytes":700})");
    EXPECT_EQ(bench.requests_to("GET /v1/files/*/content"), 2U);
}

TEST_F(DownloadTest, AnAnswerFileThatIsNotThereYetIsAskedForAgain) {
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"status","status":503,"times":2})");
}

class PollTest : public DoubtTest {};

TEST_F(PollTest, PollsThatFailAreMadeAgain) {
    bench.provider().change_settings(R"({"in_progress":0.3})");
    bench.provider().add_fault(R"({"route":"GET /v1/batches","action":"reset_before","times":2})");
    bench.provider().add_fault(R"({"route":"GET /v1/batches/*","action":"garbage_body","times":2})");
    run_with_fault(R"({"route":"GET /v1/batches/*","action":"status","status":503,"times":2})");
}

TEST_F(PollTest, ABatchThatIsNotFoundAtFirstIsAskedForAgain) {
    run_with_fault(R"({"route":"GET /v1/batches/*","action":"status","status":404,"times":3})");
}

}  // namespace
}  // namespace batchd::testing
