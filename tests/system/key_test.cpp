#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

using KeyTest = SystemTest;

const std::string kWrongKey = "sk-wrong-0123456789abcdef";

TEST_F(KeyTest, WithoutAKeyItWaitsAndGoesOnByItselfOnceTheFileIsThere) {
    std::filesystem::remove(bench.key_file());
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "key"));
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "there is no API key"));
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 0U);
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(KeyTest, ARunOnceWithoutAKeyEndsWithAnErrorAndTakesNothing) {
    std::filesystem::remove(bench.key_file());
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_NE(bench.log().find("batchd: run --once gives up: "), std::string::npos) << bench.log();
    EXPECT_NE(bench.log().find(bench.key_file().string()), std::string::npos) << bench.log();
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 0U);
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(1));
}

TEST_F(KeyTest, ARunOnceWithARefusedKeyEndsWithAnErrorAndLosesNothing) {
    ASSERT_TRUE(replace_file(bench.key_file(), kWrongKey));
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_NE(bench.log().find("batchd: run --once gives up: the provider refuses the key"),
              std::string::npos)
        << bench.log();
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(1));
}

/// A second provider, for the queue `others`, with the same service behind it and a key of its own.
class TwoKeysTest : public KeyTest {
protected:
    TwoKeysTest() {
        bench.set("provider.other.base_url", "\"" + bench.provider().base_url() + "\"");
        bench.set("provider.other.ca_file", "\"" + (bench.root() / "ca.pem").string() + "\"");
        bench.set("provider.other.api_key_file", "\"" + other_key.string() + "\"");
        bench.set("queue.others.provider", "\"other\"");
        std::filesystem::create_directories(bench.inbox() / "others");
        bench.drop("articles", articles(2));
    }
    const Path other_key = bench.root() / "other_key";
};

TEST_F(TwoKeysTest, ARunOnceNeedsNoKeyOfAProviderThatItDoesNotUse) {
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(2));
}

TEST_F(TwoKeysTest, ARunOnceEndsWithWhatTheRefusedOneIsNotNeededFor) {
    ASSERT_TRUE(replace_file(other_key, kWrongKey));
    bench.drop_into("others", "letters", articles(1));
    bench.expect_input("letters", articles(1));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_NE(bench.log().find("run --once gives up: provider.other: the provider refuses the key"),
              std::string::npos)
        << bench.log();
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(2));
    ASSERT_TRUE(replace_file(other_key, kApiKey));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.job_state("letters"), "done");
}

TEST_F(KeyTest, ARefusedKeyRejectsNothingAndIsReadAgainOnceMended) {
    ASSERT_TRUE(replace_file(bench.key_file(), kWrongKey));
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "refuses the key"));
    EXPECT_EQ(bench.database().count("jobs WHERE state IN ('failed', 'rejected')"), 0U);
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
}

TEST_F(KeyTest, WhoeverReadsThatItIsRefusedLearnsWhereItIsFromAndHowToReplaceIt) {
    ASSERT_TRUE(replace_file(bench.key_file(), kWrongKey));
    bench.start();
    bench.drop("articles", articles(1));
    const std::string origin =
        "; the key is from the file " + bench.key_file().string() + ", which is read again when it changes";
    ASSERT_TRUE(bench.wait_for_event("provider_closed", origin));
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("conditions WHERE kind = 'provider_closed' AND instr(text, ?) > 0",
                                      {origin}) == 1;
    }));
}

TEST_F(KeyTest, AKeyThatIsChangedAtTheProviderIsTakenOverOnHangup) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    const std::string next = "sk-practice-next-77aa31";
    bench.provider().set_key(next);
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "refuses the key"));
    ASSERT_TRUE(replace_file(bench.key_file(), next));
    bench.daemon().send(SIGHUP);
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.log().find(next), std::string::npos);
}

TEST_F(KeyTest, TheKeyOfTheCredentialGoesBeforeTheFile) {
    const Path credentials = bench.root() / "credentials";
    std::filesystem::create_directory(credentials);
    ASSERT_TRUE(replace_file(credentials / "api_key", std::string(kApiKey) + "\n"));
    ASSERT_TRUE(replace_file(bench.key_file(), kWrongKey));
    bench.environment()["CREDENTIALS_DIRECTORY"] = credentials.string();
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
}

TEST_F(KeyTest, TheKeyOfTheEnvironmentIsTheLastResort) {
    bench.unset("provider.api_key_file");
    bench.environment()["OPENAI_API_KEY"] = kApiKey;
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
}

TEST_F(KeyTest, TheKeyIsNeverShown) {
    // The wrong key comes back in the provider's own words; the right one is among the invariants.
    ASSERT_TRUE(replace_file(bench.key_file(), kWrongKey));
    bench.set("log.level", "\"debug\"");
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "refuses the key"));
    const std::string process = "/proc/" + std::to_string(bench.daemon().pid());
    EXPECT_EQ(slurp(process + "/cmdline").find("sk-"), std::string::npos);
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.log().find(kWrongKey), std::string::npos);
    EXPECT_EQ(bench.database().count("events WHERE instr(detail, ?) > 0", {kWrongKey}), 0U);
    EXPECT_EQ(slurp(bench.outbox() / "articles/job.json").find("sk-"), std::string::npos);
}

TEST_F(KeyTest, AForbiddenRequestIsRefusedAndHoldsUpNobodyElse) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":403,"times":1,)"
        R"("body":"{\"error\":{\"message\":\"this account may not use the model\",\"code\":\"x\"}}"})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_FALSE(bench.database().has_event("provider_closed"));
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'failed'"), 1U);
    bench.drop("more", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("more").output_ids(), article_ids(5));
}

TEST_F(KeyTest, ThePageOfALoadBalancerOnAnUploadOrACreationIsTriedAgain) {
    for (const char* rule : {R"("POST /v1/files","times":2)", R"("POST /v1/batches","times":1)"})
        bench.provider().add_fault(std::string(R"({"route":)") + rule +
                                   R"(,"action":"status","status":400,"body":"<html>no</html>"})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(KeyTest, APageThatHidesThatTheCreateWentThroughCostsNothingTwice) {
    bench.set("batch.share", "false");  // a create each
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status_after","status":404,"times":3,"body":"<html>no</html>"})");
    for (const char* name : {"one", "two", "three"}) bench.drop(name, articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    for (const char* name : {"one", "two", "three"})
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(5));
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 3U);
}

TEST_F(KeyTest, ASpentQuotaMakesItWaitAndFailsNothing) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":429,"times":2,"body":)"
        R"({"error":{"message":"You exceeded your current quota, please check your plan.",)"
        R"("type":"insufficient_quota","param":null,"code":"insufficient_quota"}}})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_TRUE(bench.database().has_event("provider_closed", "quota"));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(KeyTest, AQuotaThatIsSpentInABatchCostsItsRequestsNoAttempt) {
    bench.set("retry.row_attempts", "1");
    bench.provider().change_settings(
        R"({"rows":[{"match":"*","status":429,"runs_max":2,"set":{"response.body":{"error":)"
        R"({"code":"insufficient_quota","message":"You exceeded your quota"}}}}]})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_TRUE(bench.database().has_event(
        "provider_closed", "the account's quota is spent: 429 insufficient_quota: You exceeded your quota"));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 3U);
}

}  // namespace
}  // namespace batchd::testing
