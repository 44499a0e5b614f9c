#include "provider/direct/wire/request_head.hpp"

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

TEST(RequestHeadTest, PutsBaseAndUrlTogether) {
    const char* const kCases[][3] = {
        {"/v1", "/v1/chat/completions", "/v1/chat/completions"},
        {"/v1/", "/v1/chat/completions", "/v1/chat/completions"},
        {"/openai/v1", "/v1/responses", "/openai/v1/responses"},
        {"/api/paas/v4", "/v4/chat/completions", "/api/paas/v4/chat/completions"},
        {"/api/paas/v4", "/v1/chat/completions", "/api/paas/v4/chat/completions"},
        {"/v1/openai", "/v1/embeddings", "/v1/openai/embeddings"},
        {"/team/7/v1", "/v1/embeddings", "/team/7/v1/embeddings"},
        {"/v1beta", "/v1/embeddings", "/v1beta/embeddings"},
        {"/v1", "/v1/v2/x", "/v1/v2/x"},
        {"/v1", "/chat/completions", "/v1/chat/completions"},
        {"/v1", "/v1", "/v1/v1"},
        {"/v1", "/videos/v1", "/v1/videos/v1"},
        {"/v1", "/v1/images/generations?x=1", "/v1/images/generations?x=1"},
        {"", "/v1/chat/completions", "/v1/chat/completions"},
        {"/", "/v1/chat/completions", "/v1/chat/completions"},
    };
    for (const auto& [base, url, wanted] : kCases)
        EXPECT_EQ(request_target(base, url), wanted) << base << " + " << url;
}

TEST(RequestHeadTest, SaysWhichRowItIsAndBearsTheKey) {
    const RunHead head{.base_path = "/v1", .tag = "3f2a-s1", .auth = {{"Authorization", "Bearer k"}}};
    const http::Request request = make_request(head, "/v1/embeddings", "{}", 17, 2);
    EXPECT_EQ(request.method, http::Method::post);
    EXPECT_EQ(request.target, "/v1/embeddings");
    EXPECT_EQ(request.body, "{}");
    std::string all;
    for (const auto& [name, value] : request.headers) all += name + ": " + value + "\n";
    EXPECT_EQ(all,
              "Authorization: Bearer k\nContent-Type: application/json\nAccept: application/json\n"
              "X-Client-Request-Id: batchd-3f2a-s1-17-2\n");
}

}  // namespace
}  // namespace batchd::provider::direct
