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

TEST_F(DoubtTest, ABatchIsAskedForByItsIdWhereListingsShowNothingToKnowItBy) {
    bench.provider().change_settings(R"({"list_metadata":"drop_all"})");
    run_with_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(creates(), 1);
}

TEST_F(DoubtTest, AnUploadThatWasHiddenForTooLongIsDeletedOnceItShowsUp) {
    bench.set("provider.list_lag", "\"100ms\"");
    bench.provider().change_settings(R"({"list_lag":3600,"in_progress":86000})");
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"reset_after"})");
    bench.drop("articles", articles(4));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 2);
    bench.provider().advance_clock(25h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    ASSERT_TRUE(bench.wait_for_requests_to("DELETE /v1/files/*", 1));
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("unused_files") == 0; }));
}

/// A batch that is hidden for longer than it may, so that the create is made again: with one batch in flight.
class TwinTest : public DoubtTest {
protected:
    void SetUp() override {
        bench.excuse_provider_hiding_batches();
        bench.set("provider.list_lag", "\"100ms\"");
        bench.provider().change_settings(R"({"list_lag":3600,"in_progress":86000})");
        bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
        bench.drop("articles", articles(4));
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("batch_created"));
        EXPECT_EQ(bench.report().at("batches").as_array().size(), 2U);
    }
    void show_it_and_expect_it_to_be_cancelled() {
        bench.provider().advance_clock(2h);
        ASSERT_TRUE(bench.wait_for_event("twin_cancelled"));
        EXPECT_EQ(bench.report().at("cancels").to_number<int>(), 1);
        bench.provider().advance_clock(24h);
        ASSERT_TRUE(bench.wait_for_jobs(1));
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(4));
    }
};

TEST_F(TwinTest, IsCancelledOnceItShowsUpThoughOneBatchIsInFlight) {
    show_it_and_expect_it_to_be_cancelled();
}

TEST_F(TwinTest, IsCancelledAfterAStartAsWell) {
    bench.daemon().kill();
    bench.start();
    show_it_and_expect_it_to_be_cancelled();
}

TEST_F(TwinTest, IsKnownByItsInputFileWhereListingsDropOurMark) {
    bench.provider().change_settings(R"({"list_metadata":"drop"})");
    show_it_and_expect_it_to_be_cancelled();
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

TEST_F(DownloadTest, AnAnswerFileThatComesEmptyOrAsAPageIsFetchedAgainAndNothingIsPaidTwice) {
    for (const std::string body :
         {"", "<html><title>Sign in</title></html>", R"({\"error\":{\"message\":\"try again\"}})"}) {
        bench.provider().add_fault(
            R"({"route":"GET /v1/files/*/content","action":"status","status":200,"times":2,"body":")" + body +
            "\"}");
        const std::string name = "articles-" + std::to_string(body.size());
        bench.drop(name, articles(5));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(5));
    }
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 3U);
}

TEST_F(DownloadTest, ALongAnswerFileThatIsCutOffIsGoneOnWith) {
    bench.provider().change_settings(R"({"ranges":true,"answer_bytes":60000})");
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"truncate","bytes":100000,"times":2})");
    EXPECT_EQ(bench.requests_to("GET /v1/files/*/content"), 3U);
    EXPECT_FALSE(bench.database().has_event("waiting")) << "nothing had to be asked for again later";
}

TEST_F(DownloadTest, ALongAnswerFileBeginsAnewWhereTheProviderKnowsNoRanges) {
    bench.provider().change_settings(R"({"answer_bytes":60000})");
    run_with_fault(R"({"route":"GET /v1/files/*/content","action":"truncate","bytes":100000,"times":2})");
    EXPECT_EQ(bench.requests_to("GET /v1/files/*/content"), 3U);
}

class PollTest : public DoubtTest {};

TEST_F(PollTest, ABatchThatIsHoursPastItsExpiryIsSaidOnceAndWatchedOn) {
    bench.provider().advance_clock(-31h);  // it will have expired seven hours ago
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_overdue", "should have ended by"));
    ASSERT_TRUE(bench.wait_for_requests_to("GET /v1/batches/*", 5));
    EXPECT_EQ(bench.database().count("events WHERE kind = 'batch_overdue'"), 1U);
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(3));
}

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
