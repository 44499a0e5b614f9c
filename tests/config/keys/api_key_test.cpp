#include "config/keys/api_key.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::config {
namespace {

using testing::TempDir;

struct ApiKeyTest : ::testing::Test {
    TempDir credentials;
    TempDir etc;
    Settings settings;
};

TEST_F(ApiKeyTest, PrefersTheCredentialThenTheFileThenTheEnvironment) {
    const Environment environment = fixed_environment(
        {{"CREDENTIALS_DIRECTORY", credentials.path().string()}, {"OPENAI_API_KEY", "from-env"}});
    EXPECT_EQ(find_api_key(settings, environment)->key, "from-env");
    settings.provider.api_key_file = etc.write("key", "from-file");
    EXPECT_EQ(find_api_key(settings, environment)->key, "from-file");
    credentials.write("api_key", "from-credential");
    EXPECT_EQ(find_api_key(settings, environment)->key, "from-credential");
}

TEST_F(ApiKeyTest, OfANamedProviderIsItsOwn) {
    settings.providers.emplace("my-azure", Provider{});
    credentials.write("api_key", "of-the-default");
    const Environment environment = fixed_environment({{"CREDENTIALS_DIRECTORY", credentials.path().string()},
                                                       {"OPENAI_API_KEY", "of-the-default"},
                                                       {"BATCHD_API_KEY_MY_AZURE", "from-env"}});
    EXPECT_EQ(find_api_key(settings, "my-azure", environment)->key, "from-env");
    settings.providers["my-azure"].api_key_file = etc.write("key", "from-file");
    EXPECT_EQ(find_api_key(settings, "my-azure", environment)->key, "from-file");
    credentials.write("api_key.my-azure", "from-credential");
    EXPECT_EQ(find_api_key(settings, "my-azure", environment)->key, "from-credential");
    EXPECT_EQ(find_api_key(settings, "", environment)->key, "of-the-default");
}

TEST_F(ApiKeyTest, OfANamedProviderIsAskedForWithItsPlaces) {
    settings.providers.emplace("azure", Provider{});
    const Environment shell = fixed_environment({{"OPENAI_API_KEY", "of-the-default"}});
    EXPECT_EQ(find_api_key(settings, "azure", shell).error().context,
              "no API key for the provider azure: give the service the systemd credential api_key.azure, "
              "name a file "
              "in provider.azure.api_key_file, or set BATCHD_API_KEY_AZURE");
    const Environment service = fixed_environment({{"CREDENTIALS_DIRECTORY", credentials.path().string()}});
    EXPECT_EQ(
        find_api_key(settings, "azure", service).error().context,
        "no API key for the provider azure: write it to /etc/batchd/api_key.azure, have it loaded (systemctl "
        "edit batchd: [Service] LoadCredential=api_key.azure:/etc/batchd/api_key.azure) and run systemctl "
        "restart batchd; or name a file in provider.azure.api_key_file");
}

TEST_F(ApiKeyTest, SaysWhereItCameFrom) {
    EXPECT_EQ(find_api_key(settings, fixed_environment({{"OPENAI_API_KEY", "k"}}))->where,
              "the environment variable OPENAI_API_KEY");
    settings.provider.api_key_file = etc.write("key", "k");
    EXPECT_EQ(find_api_key(settings, fixed_environment({}))->where,
              "the file " + (etc.path() / "key").string());
}

TEST_F(ApiKeyTest, LosesTheWhiteSpaceAroundIt) {
    settings.provider.api_key_file = etc.write("key", "  sk-1\r\n\n");
    EXPECT_EQ(find_api_key(settings, fixed_environment({}))->key, "sk-1");
}

TEST_F(ApiKeyTest, IsUnderstoodAsItStandsInAShellOrAnEnvironmentFile) {
    for (const char* text : {"\"sk-1\"", "'sk-1'\n", "OPENAI_API_KEY=sk-1\r\n",
                             "export OPENAI_API_KEY='sk-1'\n", "\xEF\xBB\xBFsk-1\r\n",
                             "\xEF\xBB\xBF"
                             "API_KEY = \"sk-1\"",
                             "\" sk-1 \""}) {
        settings.provider.api_key_file = etc.write("key", text);
        const auto found = find_api_key(settings, fixed_environment({}));
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->key, "sk-1") << text;
    }
}

TEST_F(ApiKeyTest, KeepsWhatMayBePartOfIt) {
    for (const char* key : {"sk=1", "bWFkZQ==", "key=sk-1", "A'", "sk-KEY=1"}) {
        settings.provider.api_key_file = etc.write("key", key);
        const auto found = find_api_key(settings, fixed_environment({}));
        if (std::string_view(key) == "A'")
            EXPECT_NE(found.error().context.find("quotation mark"), std::string::npos);
        else
            EXPECT_EQ(found->key, key);
    }
}

TEST_F(ApiKeyTest, OfTheServiceIsToldFromOutsideOfIt) {
    EXPECT_FALSE(find_service_key(etc.path()).value());
    etc.write("api_key", "sk-1\n");
    EXPECT_NE(find_service_key(etc.path()).value()->find((etc.path() / "api_key").string()),
              std::string::npos);
    etc.write("api_key", "two words\n");
    EXPECT_EQ(find_service_key(etc.path()).error().code, Errc::bad_input);
    etc.write("api_key.azure", "sk-2\n");
    EXPECT_NE(find_service_key(etc.path(), "azure").value()->find((etc.path() / "api_key.azure").string()),
              std::string::npos);
    EXPECT_FALSE(find_service_key(etc.path(), "other").value());
    etc.write("api_key.cred", "encrypted");
    EXPECT_NE(find_service_key(etc.path()).value()->find("api_key.cred"), std::string::npos);
}

TEST_F(ApiKeyTest, IsNotWhatCouldWriteAnotherHeader) {
    for (const char* bad : {"", "\"\"", "OPENAI_API_KEY=", " \n", "a\r\nX-Evil: 1", "two words", "k\x01",
                            "k\x7f", "schl\xc3\xbcssel"}) {
        settings.provider.api_key_file = etc.write("key", bad);
        const auto found = find_api_key(settings, fixed_environment({}));
        ASSERT_FALSE(found) << bad;
        EXPECT_EQ(found.error().code, Errc::bad_input);
        EXPECT_TRUE(found.error().context.starts_with("the file ")) << found.error().context;
    }
}

TEST_F(ApiKeyTest, IsLookedForElsewhereWhenTheCredentialIsBlank) {
    const Environment environment =
        fixed_environment({{"CREDENTIALS_DIRECTORY", credentials.path().string()}});
    for (const char* blank : {"", "\n"}) {
        credentials.write("api_key", blank);
        settings.provider.api_key_file = std::nullopt;
        const auto none = find_api_key(settings, environment);
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error().code, Errc::not_found);
        EXPECT_NE(none.error().context.find("/etc/batchd/api_key"), std::string::npos)
            << none.error().context;
        settings.provider.api_key_file = etc.write("key", "from-file");
        EXPECT_EQ(find_api_key(settings, environment)->key, "from-file");
    }
}

TEST_F(ApiKeyTest, IsAtMost4096BytesLong) {
    settings.provider.api_key_file = etc.write("key", std::string(4096, 'k') + "\n");
    EXPECT_TRUE(find_api_key(settings, fixed_environment({})));
    for (const std::size_t size : {4097U, 100'000U}) {
        settings.provider.api_key_file = etc.write("key", std::string(size, 'k'));
        EXPECT_EQ(find_api_key(settings, fixed_environment({})).error().code, Errc::bad_input);
    }
}

TEST_F(ApiKeyTest, IsNotTakenFromElsewhereWhenItsFileIsMissing) {
    settings.provider.api_key_file = etc.path() / "missing";
    const auto found = find_api_key(settings, fixed_environment({{"OPENAI_API_KEY", "k"}}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, boost::system::errc::no_such_file_or_directory);
}

TEST_F(ApiKeyTest, IsAskedForWhereThereIsNone) {
    const auto found = find_api_key(settings, fixed_environment({{"OPENAI_API_KEY", ""}}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::not_found);
    for (const char* way : {"api_key", "provider.api_key_file", "OPENAI_API_KEY"})
        EXPECT_NE(found.error().context.find(way), std::string::npos) << way;
}

}  // namespace
}  // namespace batchd::config
