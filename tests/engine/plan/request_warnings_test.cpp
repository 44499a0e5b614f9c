#include "engine/plan/request_warnings.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

TEST(EndpointWarningTest, SaysNothingOfEndpointsWithBatches) {
    for (const char* path : {"/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions",
                             "/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos"})
        EXPECT_EQ(endpoint_warning(path), "") << path;
}

TEST(EndpointWarningTest, NamesWhatIsMeant) {
    EXPECT_EQ(endpoint_warning("/v1/chat/completions/"),
              R"(the url "/v1/chat/completions/" ends with a slash: /v1/chat/completions is meant)");
    EXPECT_EQ(endpoint_warning("/chat/completions"),
              R"(the url "/chat/completions" is without its version: /v1/chat/completions is meant)");
    EXPECT_EQ(
        endpoint_warning("/v1/embedding"),
        R"(the url "/v1/embedding" is none that OpenAI has batches for; the nearest is /v1/embeddings)");
    EXPECT_NE(endpoint_warning("/v1/audio/speech").find("none that OpenAI has batches for"),
              std::string::npos);
    EXPECT_NE(endpoint_warning("/v1/" + std::string(1'000'000, 'x')).find("…"), std::string::npos);
}

TEST(EndpointWarningTest, KnowsNoEndpointsOfAServerWithItsOwn) {
    EXPECT_EQ(endpoint_warning("/v4/chat/completions", Endpoints::its_own), "");
    EXPECT_EQ(endpoint_warning("/v1/rerank", Endpoints::its_own), "");
    EXPECT_NE(endpoint_warning("/v1/embeddings/", Endpoints::its_own), "") << "a slash is too many anywhere";
}

TEST(EndpointsTest, AreThoseOfOpenAiUnlessTheProviderIsAnother) {
    config::Settings settings;
    settings.providers["gpu"].kind = config::Kind::direct;
    settings.queues["local"].provider = "gpu";
    EXPECT_EQ(endpoints_of(settings, terms_of(settings)), Endpoints::as_openai);
    EXPECT_EQ(endpoints_of(settings, terms_of(settings, "local")), Endpoints::its_own);
    settings.provider.dialect.line_urls = {{"/v1/", "/v4/"}};
    EXPECT_EQ(endpoints_of(settings, terms_of(settings)), Endpoints::its_own);
}

TEST(BodyWarningTest, SaysWhatTheEndpointNeeds) {
    jsonl::Remarks chat, text, prompt, both;
    chat.messages = text.input = prompt.prompt = both.messages = both.input = true;
    EXPECT_EQ(body_warning("/v1/chat/completions", chat), "");
    EXPECT_EQ(body_warning("/v1/chat/completions", both), "");
    EXPECT_EQ(body_warning("/v1/responses", text), "");
    EXPECT_EQ(body_warning("/v1/responses", prompt), "") << "a stored prompt";
    EXPECT_EQ(body_warning("/v1/unknown", {}), "");
    EXPECT_EQ(body_warning("/v1/chat/completions", text),
              R"(the body has no "messages", which /v1/chat/completions needs; with "input" it is one for )"
              R"(/v1/responses, /v1/embeddings or /v1/moderations)");
    EXPECT_EQ(body_warning("/v1/embeddings", chat),
              R"(the body has no "input", which /v1/embeddings needs; with "messages" it is one for )"
              R"(/v1/chat/completions)");
    EXPECT_EQ(body_warning("/v1/completions", {}),
              R"(the body has no "prompt", which /v1/completions needs)");
}

TEST(RequestWarningsTest, SayEachOnceWithItsFirstLineAndHowManyFollow) {
    RequestWarnings warnings;
    jsonl::Remarks remarks;
    remarks.messages = remarks.other_model = true;
    for (std::uint64_t line = 5; line < 9; ++line)
        warnings.look_at(line, {.url = "/v1/chat/completions", .remarks = remarks});
    remarks = {.messages = true, .not_sent = "temperature", .lone_surrogate = R"(\ud83d)"};
    warnings.look_at(9, {.url = "/v1/chat/completions", .remarks = remarks});
    remarks = {.messages = true, .like_an_id = "customId"};
    warnings.look_at(10, {.url = "/v1/chat/completions", .remarks = remarks});
    const auto found = warnings.take();
    ASSERT_EQ(found.size(), 4U);
    EXPECT_TRUE(found[3].what.starts_with(R"("custom_id" is missing: is "customId" meant?)"))
        << found[3].what;
    EXPECT_EQ(found[0].line_number, 5U);
    EXPECT_EQ(found[0].lines, 4U);
    EXPECT_EQ(found[1].line_number, 9U);
    EXPECT_EQ(found[1].lines, 1U);
}

TEST(RequestWarningsTest, AreAHundredAtMost) {
    RequestWarnings warnings;
    for (std::uint64_t line = 1; line <= 500; ++line) {
        const std::string url = "/v1/e" + std::to_string(line);
        warnings.look_at(line, {.url = url});
    }
    EXPECT_EQ(warnings.take().size(), 100U);
}

}  // namespace
}  // namespace batchd::engine
