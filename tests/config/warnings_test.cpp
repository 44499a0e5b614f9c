#include "config/warnings.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

std::vector<std::string> warnings_for(const std::string& base_url) {
    Settings settings;
    settings.provider.base_url = base_url;
    return warnings(settings);
}

TEST(WarningsTest, AnAddressWithoutItsVersionIsToldWithTheRemedy) {
    for (const char* url :
         {"https://api.openai.com", "https://example.com/openai", "http://127.0.0.1:8000/video"}) {
        const auto lines = warnings_for(url);
        ASSERT_EQ(lines.size(), 1U) << url;
        EXPECT_NE(lines[0].find(std::string(url) + "/v1"), std::string::npos) << lines[0];
    }
}

TEST(WarningsTest, AnAddressWithItsVersionIsFine) {
    for (const char* url :
         {"https://api.openai.com/v1", "https://x.openai.azure.com/openai/v1",
          "https://generativelanguage.googleapis.com/v1beta/openai", "http://127.0.0.1:8000/v2"})
        EXPECT_TRUE(warnings_for(url).empty()) << url;
}

TEST(WarningsTest, AnAddressOfAnEndpointIsNamedWithWhatWouldBeRight) {
    const auto lines = warnings_for("https://api.openai.com/v1/chat/completions");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].ends_with("it ends with the version, https://api.openai.com/v1")) << lines[0];
    EXPECT_EQ(warnings_for("https://api.openai.com/v1/batches").size(), 1U);
}

TEST(WarningsTest, OfAServerWithoutAPathTheLinesHaveTheVersion) {
    Settings settings;
    settings.provider = defaults_of(Kind::direct);
    settings.provider.base_url = "http://gpu-1:8000";
    EXPECT_TRUE(warnings(settings).empty());
    settings.provider.base_url = "http://gpu-1:8000/llm";
    EXPECT_EQ(warnings(settings).size(), 1U);
}

TEST(WarningsTest, AKindWhoseBatchesAreNotSpokenIsTold) {
    for (const Kind kind : {Kind::mistral, Kind::gemini, Kind::anthropic}) {
        Settings settings;
        settings.providers["other"] = defaults_of(kind);
        const auto lines = warnings(settings);
        ASSERT_EQ(lines.size(), 1U) << to_string(kind);
        EXPECT_NE(lines[0].find("provider.other.kind is \"" + std::string(to_string(kind))),
                  std::string::npos)
            << lines[0];
    }
    for (const Kind kind : {Kind::openai, Kind::azure, Kind::direct}) {
        Settings settings;
        settings.provider = defaults_of(kind);
        EXPECT_TRUE(warnings(settings).empty()) << to_string(kind);
    }
}

TEST(WarningsTest, EachProviderIsLookedAt) {
    Settings settings;
    settings.providers["gpu"].base_url = "http://gpu-1:8000";
    settings.providers["old_azure"].base_url = "https://r.openai.azure.com/openai";
    settings.providers["old_azure"].dialect.query = "api-version=2024-10-21";
    const auto lines = warnings(settings);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with("provider.gpu.base_url is http://gpu-1:8000, without a version"))
        << lines[0];
}

std::vector<std::string> warnings_for(const char* address, std::vector<std::string> listen) {
    Settings settings;
    settings.web.listen = std::move(listen);
    settings.web.behind_proxy = {.header = "x-user", .address = address};
    return warnings(settings);
}

TEST(WarningsTest, AProxyOnLoopbackIsEverybodyHere) {
    for (const char* address : {"127.0.0.1", "127.3.2.1", "::1"}) {
        const auto lines = warnings_for(address, {"127.0.0.1:8420"});
        ASSERT_EQ(lines.size(), 1U) << address;
        EXPECT_TRUE(lines[0].ends_with("with address = \"unix\"")) << lines[0];
    }
    EXPECT_TRUE(warnings_for("10.0.0.5", {"10.0.0.7:8420"}).empty());
    EXPECT_TRUE(warnings_for("unix", {"127.0.0.1:8420", "/run/page.sock"}).empty());
}

TEST(WarningsTest, AProxyThatIsBelievedNowhereIsTold) {
    for (const auto& [address, place] :
         {std::pair("unix", "127.0.0.1:8420"), std::pair("10.0.0.5", "/run/page.sock")})
        EXPECT_EQ(warnings_for(address, {place}).size(), 1U) << address;
}

}  // namespace
}  // namespace batchd::config
