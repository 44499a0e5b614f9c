#include "config/effective.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

Settings some_settings() {
    Settings settings;
    settings.batch.model = "general";
    settings.batch.metadata = {{"team", "search"}, {"cost", "1"}};
    settings.batch.defaults = R"({"temperature":0})";
    settings.retry.row_attempts = 7;
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    Provider small;
    small.max_requests = 5'000;
    settings.providers.emplace("small", small);
    return settings;
}

TEST(FilledTest, ASilentQueueHasTheGeneralValues) {
    const Queue all = filled(some_settings(), Queue{});
    EXPECT_EQ(all.endpoint, "/v1/chat/completions");
    EXPECT_EQ(all.model, "general");
    EXPECT_EQ(all.completion_window, "24h");
    EXPECT_EQ(all.metadata->size(), 2U);
    EXPECT_EQ(all.defaults, R"({"temperature":0})");
    EXPECT_EQ(all.share, true);
    EXPECT_EQ(all.max_requests, 50'000U);
    EXPECT_EQ(all.max_bytes, 200'000'000U);
    EXPECT_TRUE(all.enqueued_tokens->empty());
    EXPECT_EQ(all.on_invalid_line, OnInvalidLine::skip);
    EXPECT_EQ(all.row_attempts, 7U);
}

TEST(FilledTest, WhatAQueueSaysReplacesTheGeneralValue) {
    Queue queue;
    queue.model = "";
    queue.metadata = std::map<std::string, std::string>{{"team", "news"}};
    queue.defaults = "";
    queue.row_attempts = 1;
    const Queue all = filled(some_settings(), queue);
    EXPECT_EQ(all.model, "");
    EXPECT_EQ(all.metadata, (std::map<std::string, std::string>{{"team", "news"}}));
    EXPECT_EQ(all.defaults, "");
    EXPECT_EQ(all.row_attempts, 1U);
}

TEST(FilledTest, AGeneralLimitGivesWayToTheProviders) {
    EXPECT_EQ(filled(some_settings(), Queue{.provider = "small"}).max_requests, 5'000U);
    Settings settings = some_settings();
    settings.batch.max_requests = 100;
    EXPECT_EQ(filled(settings, Queue{.provider = "small"}).max_requests, 100U);
}

TEST(ModelOfTest, OneAmongTheDefaultsGoesBeforeTheModelButNotBeforeWhatTheQueueItselfSays) {
    const std::string named = R"({"n":1,"model":"among"})";
    Settings settings = some_settings();
    EXPECT_EQ(model_of(settings, Queue{}), "general");
    EXPECT_EQ(model_of(settings, Queue{.model = "own", .defaults = named}), "among");
    EXPECT_EQ(model_of(settings, Queue{.model = ""}), "");
    EXPECT_EQ(model_of(settings, Queue{.defaults = named}), "among");
    settings.batch.defaults = named;
    EXPECT_EQ(model_of(settings, Queue{}), "among");
    EXPECT_EQ(model_of(settings, Queue{.model = "own"}), "own");
    EXPECT_EQ(model_of(settings, Queue{.defaults = ""}), "general");
}

TEST(FindProviderTest, KnowsTheDefaultOneAndThoseWithNames) {
    const Settings settings = some_settings();
    EXPECT_EQ(find_provider(settings, ""), &settings.provider);
    EXPECT_EQ(find_provider(settings, kDefaultProvider), &settings.provider);
    EXPECT_EQ(find_provider(settings, "small"), &settings.providers.at("small"));
    EXPECT_EQ(find_provider(settings, "other"), nullptr);
}

TEST(HasQueueTest, KnowsTheDefaultOneAndThoseWithNames) {
    Settings settings;
    settings.queues["nightly"];
    EXPECT_TRUE(has_queue(settings, "default"));
    EXPECT_TRUE(has_queue(settings, "nightly"));
    EXPECT_FALSE(has_queue(settings, "other"));
    EXPECT_FALSE(has_queue(settings, ""));
}

}  // namespace
}  // namespace batchd::config
