#include "provider/openai/wire.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

using namespace std::chrono_literals;
using http::Method;

config::Provider provider_at(std::string base_url) {
    config::Provider settings;
    settings.base_url = std::move(base_url);
    return settings;
}

std::string sent_value(const http::Request& request, std::string_view name) {
    for (const http::Header& header : request.headers)
        if (header.name == name) return header.value;
    return "(none)";
}

std::string sent_value(const http::Form& form, std::string_view name) {
    for (const http::FormField& field : form.fields)
        if (field.name == name) return field.value;
    return "(none)";
}

NewBatch asked_batch() {
    return {"file-1", "/v1/chat/completions", "24h", {{"batchd_key", "k"}}};
}

TEST(WireTest, AKeyIsABearersUnlessTheServiceHasAHeaderOfItsOwn) {
    config::Provider settings = provider_at("https://x.example/v1");
    EXPECT_EQ(sent_value(Wire::make(settings)->request(Method::get, "/files", "k1"), "Authorization"),
              "Bearer k1");
    settings.dialect.auth_header = "api-key";
    const auto request = Wire::make(settings)->request(Method::get, "/files", "k1");
    EXPECT_EQ(sent_value(request, "api-key"), "k1");
    EXPECT_EQ(sent_value(request, "Authorization"), "(none)");
}

TEST(WireTest, TheServicesQueryIsJoinedWithTheCallsOwn) {
    config::Provider settings = provider_at("https://x.example/openai/");
    settings.dialect.query = "api-version=2024-10-21";
    const Wire wire = Wire::make(settings).value();
    EXPECT_EQ(wire.request(Method::get, "/files/f/content", "").target,
              "/openai/files/f/content?api-version=2024-10-21");
    EXPECT_EQ(wire.request(Method::get, "/batches?limit=1&after=b", "").target,
              "/openai/batches?limit=1&after=b&api-version=2024-10-21");
}

TEST(WireTest, AnUploadBearsWhatTheServiceWants) {
    config::Provider settings = provider_at("https://x.example/v1");
    const http::Form plain = Wire::make(settings)->upload({}, "name.jsonl");
    EXPECT_EQ(plain.fields.size(), 1U);
    EXPECT_EQ(sent_value(plain, "purpose"), "batch");
    EXPECT_EQ(plain.filename, "name.jsonl");
    settings.dialect.purpose = "batch-api";
    settings.dialect.filename_field = "file_name";
    settings.dialect.file_expiry = 14 * 24h;
    const http::Form other = Wire::make(settings)->upload({}, "name.jsonl");
    EXPECT_EQ(sent_value(other, "purpose"), "batch-api");
    EXPECT_EQ(sent_value(other, "file_name"), "name.jsonl");
    EXPECT_EQ(sent_value(other, "expires_after[anchor]"), "created_at");
    EXPECT_EQ(sent_value(other, "expires_after[seconds]"), "1209600");
    EXPECT_EQ(Wire::make(settings)->files_path(), "/files?purpose=batch-api&");
}

TEST(WireTest, ACreateSaysWhatTheServiceWantsToHear) {
    config::Provider settings = provider_at("https://x.example/v1");
    const NewBatch same = Wire::make(settings)->to_create(asked_batch());
    EXPECT_EQ(same.endpoint, "/v1/chat/completions");
    EXPECT_EQ(same.completion_window, "24h");
    EXPECT_EQ(same.metadata.size(), 1U);
    settings.dialect.create_endpoint = "/chat/completions";
    settings.dialect.send_window = false;
    settings.dialect.metadata = false;
    const NewBatch other = Wire::make(settings)->to_create(asked_batch());
    EXPECT_EQ(other.endpoint, "/chat/completions");
    EXPECT_EQ(other.completion_window, "");
    EXPECT_TRUE(other.metadata.empty());
    EXPECT_EQ(other.input_file_id, "file-1");
}

TEST(WireTest, AWindowThatTheServiceDoesNotHaveIsNoBatch) {
    config::Provider settings = provider_at("https://x.example/v1");
    EXPECT_EQ(Wire::make(settings)->objection_to(asked_batch()), "");
    settings.dialect.windows = {"12h", "1d"};
    EXPECT_EQ(Wire::make(settings)->objection_to(asked_batch()),
              "the provider has no completion window \"24h\", but 12h, 1d: set batch.completion_window");
    settings.dialect.windows = {"12h", "24h"};
    EXPECT_EQ(Wire::make(settings)->objection_to(asked_batch()), "");
    settings.dialect.windows = {"12h"};
    settings.dialect.send_window = false;
    EXPECT_EQ(Wire::make(settings)->objection_to(asked_batch()), "") << "it is not sent";
}

TEST(WireTest, ABaseUrlHasNoQueryOfItsOwn) {
    EXPECT_EQ(to_string(Wire::make(provider_at("https://x.example/v1?a=1")).error()),
              "provider.base_url must not have a query: https://x.example/v1?a=1");
    EXPECT_FALSE(Wire::make(provider_at("x.example")));
}

}  // namespace
}  // namespace batchd::provider
