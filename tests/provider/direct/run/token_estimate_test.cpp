#include "provider/direct/run/token_estimate.hpp"

#include <string>

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

constexpr const char* kChat = "/v1/chat/completions";

std::string chat(const std::string& text, const std::string& more = "") {
    return R"({"messages":[{"role":"user","content":")" + text + R"("}])" + more + "}";
}

std::string words(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += "word ";
    return text;
}

TEST(TokenEstimateTest, TextIsAQuarterOfItsBytesAndAnAnswerAModestGuess) {
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat(words(4000)))), 1500, 20);
}

TEST(TokenEstimateTest, WhatTheAnswerMayHaveIsReckonedInAdvance) {
    for (const char* const limit : {"max_tokens", "max_completion_tokens", "max_output_tokens"}) {
        const std::string more = std::string(",\"") + limit + "\":2000";
        EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat("hi", more))), 2000, 25) << limit;
    }
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat("hi", R"(,"max_tokens": 100,"n": 4)"))), 400,
                30);
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat("hi", R"(,"max_tokens":null)"))), 500, 25);
}

TEST(TokenEstimateTest, AnEmbeddingHasNoAnswerOfTokens) {
    const std::string body = R"({"input":")" + words(400) + R"(","model":"m"})";
    EXPECT_NEAR(static_cast<double>(token_estimate("/v1/embeddings", body)), 105, 10);
}

TEST(TokenEstimateTest, AnImageIsCountedByThePiece) {
    const std::string image = R"(data:image/png;base64,)" + std::string(1'000'000, 'A') + "==";
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat(image, R"(,"max_tokens":1)"))), 1000, 40);
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat(image + " " + image, R"(,"max_tokens":1)"))),
                2000, 60);
    const std::string icon = R"(data:image/png;base64,)" + std::string(600, 'A');
    EXPECT_NEAR(static_cast<double>(token_estimate(kChat, chat(icon, R"(,"max_tokens":1)"))), 170, 20);
}

}  // namespace
}  // namespace batchd::provider::direct
