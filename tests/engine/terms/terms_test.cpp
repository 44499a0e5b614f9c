#include "engine/terms/terms.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

config::Settings with_queue() {
    config::Settings settings;
    settings.batch.model = "general";
    settings.batch.max_requests = 100;
    settings.retry.row_attempts = 5;
    config::Provider small;
    small.max_requests = 10;
    small.models["a"] = "b";
    small.dialect.line_urls["/v1/"] = "/v4/";
    settings.providers["small"] = small;
    config::Queue queue;
    queue.provider = "small";
    queue.model = "own";
    queue.metadata.emplace()["team"] = "x";
    queue.defaults = R"({"temperature":0})";
    queue.on_invalid_line = config::OnInvalidLine::skip;
    queue.priority = -3;
    queue.fallback = "default";
    queue.deadline = std::chrono::hours(6);
    settings.provider.models["a"] = "c";
    settings.queues["nightly"] = queue;
    return settings;
}

TEST(TermsTest, AreThoseOfTheQueueAndElseTheGeneralOnes) {
    const Terms terms = terms_of(with_queue(), "nightly");
    EXPECT_EQ(terms.queue, "nightly");
    EXPECT_EQ(terms.provider, "small");
    EXPECT_EQ(terms.batch.model, "own");
    EXPECT_EQ(terms.batch.max_requests, 10U) << "no more than its provider takes";
    EXPECT_EQ(terms.batch.defaults, R"({"temperature":0})");
    EXPECT_EQ(terms.row_attempts, 5U);
    EXPECT_EQ(terms.on_invalid_line, config::OnInvalidLine::skip);
    ASSERT_TRUE(terms.fallback);
    EXPECT_EQ(terms.fallback->provider, "default");
    EXPECT_EQ(terms.fallback->deadline, std::chrono::hours(6));
    EXPECT_EQ(terms.fallback->models.at("a"), "c");
    const Terms general = terms_of(with_queue());
    EXPECT_EQ(general.provider, "default");
    EXPECT_EQ(general.batch.model, "general");
    EXPECT_EQ(general.batch.max_requests, 100U);
    EXPECT_EQ(general.models.at("a"), "c");
    EXPECT_FALSE(general.fallback);
}

TEST(TermsTest, NothingIsSharedWhereIdsOfOursAreTooLong) {
    config::Settings settings;
    for (const auto& [longest, shares] :
         {std::pair{0U, true}, {10U, false}, {42U, false}, {43U, true}, {64U, true}}) {
        settings.provider.dialect.max_custom_id = longest;
        EXPECT_EQ(terms_of(settings).batch.share, shares) << longest;
    }
}

TEST(TermsTest, AModelAmongTheDefaultsIsThatOfRequestsWithoutOne) {
    config::Settings settings;
    settings.queues["nightly"].defaults = R"({"model":"m"})";
    EXPECT_EQ(terms_of(settings, "nightly").batch.model, "m");
    EXPECT_EQ(terms_of(settings).batch.model, "");
}

TEST(TermsTest, AreReadAsTheyWereWritten) {
    for (const char* queue : {"default", "nightly"}) {
        Terms terms = terms_of(with_queue(), queue);
        terms.batch.enqueued_tokens = {{"m", 1'500'000'000'000}};
        const auto read = read_terms(to_json(terms));
        ASSERT_TRUE(read) << to_json(terms);
        EXPECT_EQ(to_json(*read), to_json(terms));
        EXPECT_EQ(read->batch, terms.batch);
        EXPECT_EQ(read->models, terms.models);
        EXPECT_EQ(read->priority, terms.priority);
        EXPECT_EQ(read->fallback, terms.fallback);
    }
    EXPECT_FALSE(read_terms("{}"));
    EXPECT_FALSE(read_terms("nonsense"));
}

struct FrozenTermsTest : EngineFixture {};

TEST_F(FrozenTermsTest, AJobKeepsWhatItWasTakenUnder) {
    settings = with_queue();
    store::Job job = add_claimed("a", request_line("x") + "\n");
    store->jobs.record_terms(job.id, to_json(terms_of(settings))).value();
    settings.batch.model = "changed";
    EXPECT_EQ(terms_of(this->job(job.id), settings).value().batch.model, "general");
}

TEST_F(FrozenTermsTest, AJobOfAnEarlierVersionGetsThoseOfTheStart) {
    const store::Job old = add_claimed("a", request_line("x") + "\n");
    settings.batch.completion_window = "48h";
    ASSERT_TRUE(freeze_terms(*store, settings));
    settings.batch.completion_window = "7d";
    EXPECT_EQ(terms_of(job(old.id), settings).value().batch.completion_window, "48h");
    ASSERT_TRUE(freeze_terms(*store, settings)) << "once";
    EXPECT_EQ(terms_of(job(old.id), settings).value().batch.completion_window, "48h");
}

TEST_F(FrozenTermsTest, ThoseThatCantBeReadAreAnErrorThatSaysWhatToDo) {
    store::Job job = add_claimed("a", "");
    for (const char* damaged : {"nonsense", "{}", R"({"queue": "default"})", "[]"}) {
        job.terms = damaged;
        const auto terms = terms_of(job, settings);
        ASSERT_FALSE(terms) << damaged;
        EXPECT_EQ(terms.error().code, Errc::corrupt);
        EXPECT_NE(terms.error().context.find("batchd cancel " + std::to_string(job.id.value)),
                  std::string::npos);
    }
}

}  // namespace
}  // namespace batchd::engine
