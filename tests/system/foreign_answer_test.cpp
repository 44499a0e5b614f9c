// Answers to somebody else's question.
#include "sim/backend.hpp"
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class ForeignAnswerTest : public LyingTest {
protected:
    /// A finished batch of somebody else, with requests of the same ids as ours.
    std::string theirs() {
        Ids lines;
        for (const std::string& id : row_ids(3))
            lines.push_back(R"({"custom_id":")" + id +
                            R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini",)"
                            R"("messages":[{"role":"user","content":"THEIRS"}]}})");
        return somebody_elses_batch(file_of(lines));
    }
    void expect_our_answers() {
        expect_answered("in", 3);
        EXPECT_EQ(slurp(bench.outbox() / "in/output.jsonl").find("THEIRS"), std::string::npos);
        EXPECT_EQ(creates(), 1U);
        EXPECT_EQ(rows_paid_twice(), 0U);
    }
};

TEST_F(ForeignAnswerTest, ACreateAnsweredWithAnotherBatchIsSeenAndOursIsFound) {
    theirs();
    lie(R"({"about":"batch","in":["create"],"instead":1})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, APollAnsweredWithAnotherBatchIsNotTakenForOurs) {
    theirs();
    lie(R"({"about":"batch","in":["get"],"batch":2,"instead":1,"times":3})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, APollThatShowsAnotherBatchUnderOurIdIsNotTakenForOurs) {
    theirs();
    lie(R"({"about":"batch","in":["get"],"batch":2,"instead":1,"under_own_id":true,"times":6})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, ABatchWithoutOurMarkThatIsMadeOfAnotherFileIsNotTakenForOurs) {
    theirs();
    lie(R"({"about":"batch","in":["get"],"batch":2,"instead":1,"under_own_id":true,"times":6,)"
        R"("set":{"metadata":{"purpose":"theirs"}}})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, ACreateThatShowsNothingIsAskedForByItsIdBeforeItIsTaken) {
    theirs();
    lie(R"({"about":"batch","in":["create"],"batch":2,"instead":1,)"
        R"("set":{"metadata":null,"input_file_id":null}})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, ADownloadOfAnotherBatchesAnswersIsMadeAgain) {
    somebody_elses_batch(chat_line("somebody-elses-request-with-a-long-id") + "\n");
    lie(R"({"about":"content","batch":2,"instead":1})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, ADownloadOfAnswersToTheSameIdsIsMadeAgainWhereItsSizeIsAnother) {
    theirs();
    lie(R"({"about":"content","batch":2,"instead":1})");
    run_one_job(3);
    expect_our_answers();
}

TEST_F(ForeignAnswerTest, AnUploadAnsweredWithAnotherFileIsSeen) {
    theirs();
    lie(R"({"about":"file","in":["upload"],"instead":1})");
    run_one_job(3);
    expect_our_answers();
}

/// Over TLS: the provider sends a download to somewhere that could be anybody's.
class ForeignRedirectTest : public SystemTest {};

TEST_F(ForeignRedirectTest, AnotherServiceOfThisMachineIsNotAsked) {
    sim::Server other({.data = bench.root() / "other"});
    other.add_fault(R"({"route":"*","action":"status","status":200,"times":-1,"body":"forged"})");
    bench.provider().add_fault(R"({"route":"GET /v1/files/*/content","action":"redirect","location":")" +
                               other.base_url() + R"(/files/x/content"})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "done");
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(3));
    EXPECT_EQ(bench.database().count("events WHERE instr(detail, 'forged') > 0"), 0U);
    other.with([](sim::Backend& backend) { EXPECT_EQ(backend.ledger.traffic.connections_total, 0U); });
}

}  // namespace
}  // namespace batchd::testing
