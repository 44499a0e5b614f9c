#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

using ProviderDownTest = SystemTest;

TEST_F(ProviderDownTest, AProviderThatIsDownAtFirstIsWaitedFor) {
    bench.stop_provider();
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "can't be reached"));
    bench.use_transport(Transport::tls);
    // The certificate is another one now, as after a long repair; ca_file is read at the start.
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(ProviderDownTest, AProviderThatComesBackIsNoticedWithoutARestart) {
    bench.use_transport(Transport::plain);
    bench.stop_provider();
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "can't be reached"));
    bench.start_provider();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
}

/// The daemon meets a certificate that it must not accept.
class CertificateTest : public SystemTest {
protected:
    void expect_refused(sim::CertificateKind certificate) {
        bench.start_provider(certificate);
        bench.start();
        bench.drop("articles", articles(5));
        ASSERT_TRUE(bench.wait_for_event("provider_closed", "certificate"));
        EXPECT_TRUE(bench.daemon().runs());
        EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 0);
        EXPECT_EQ(bench.job_state("articles") == "failed", false);
        EXPECT_EQ(bench.stop(), 0);
    }
};

TEST_F(CertificateTest, AnExpiredOneIsRefusedAndTheDaemonSaysSoAndStays) {
    expect_refused(sim::CertificateKind::expired);
}

TEST_F(CertificateTest, OneForAnotherHostIsRefused) {
    expect_refused(sim::CertificateKind::wrong_host);
}

TEST_F(CertificateTest, OneThatNobodyVouchesForIsRefused) {
    bench.unset("provider.ca_file");
    bench.write_configuration();
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "certificate"));
    EXPECT_EQ(bench.stop(), 0);
}

TEST_F(ProviderDownTest, WhatARetryAfterAsksForIsObeyed) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/files","action":"status","status":429,"headers":{"Retry-After":"1"}})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_TRUE(bench.database().has_event("provider_closed", "asks us to wait"));
    // The second comes no earlier than asked for: the events have whole seconds.
    EXPECT_EQ(
        bench.database().count("events AS opened, events AS closed WHERE opened.kind = 'provider_open' AND "
                               "closed.kind = 'provider_closed' AND opened.at > closed.at"),
        1U);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 2U);
}

TEST_F(ProviderDownTest, AProviderThatDisappearsMidwayIsWaitedForAndNothingIsPaidTwice) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.provider().add_fault(R"({"route":"*","action":"reset_before","times":5})");
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

}  // namespace
}  // namespace batchd::testing
