#include "config/keys/notify_secrets.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::config {
namespace {

const std::string kKey = "whsec_" + std::string(32, 'A');  // 24 bytes

struct NotifySecretsTest : ::testing::Test {
    Result<std::string> url(const std::string& text) {
        target.url_file = dir.write("url", text);
        return find_notify_url("ops", target, fixed_environment({}));
    }
    Result<std::vector<std::string>> keys(const std::string& text) {
        target.secret_file = dir.write("secret", text);
        return find_notify_keys("ops", target, fixed_environment({}));
    }

    testing::TempDir dir;
    NotifyTarget target;
};

TEST_F(NotifySecretsTest, AnAddressIsTheOneLineOfItsFile) {
    EXPECT_EQ(url("  https://hooks.example/T0/x \r\n\n").value(), "https://hooks.example/T0/x");
    for (const char* const wrong : {"", "\n", "https://a/\nhttps://b/\n"}) {
        const auto found = url(wrong);
        ASSERT_FALSE(found) << wrong;
        EXPECT_EQ(found.error().context.find("https"), std::string::npos) << "it is a secret";
    }
}

TEST_F(NotifySecretsTest, TheCredentialGoesFirst) {
    target.url_file = dir.write("url", "https://file/\n");
    dir.write("notify.ops", "https://credential/\n");
    const auto environment = fixed_environment({{"CREDENTIALS_DIRECTORY", dir.path().string()}});
    EXPECT_EQ(find_notify_url("ops", target, environment).value(), "https://credential/");
    EXPECT_EQ(find_notify_url("other", target, environment).value(), "https://file/");
}

TEST_F(NotifySecretsTest, WithNeitherItSaysWhereAnAddressMayBe) {
    const auto found = find_notify_url("ops", target, fixed_environment({}));
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().context.find("notify.ops.url_file"), std::string::npos) << found.error().context;
    EXPECT_TRUE(find_notify_keys("ops", target, fixed_environment({})).value().empty());
}

TEST_F(NotifySecretsTest, TwoKeysAreForARotation) {
    EXPECT_EQ(keys(kKey + "\n").value(), (std::vector<std::string>{std::string(24, '\0')}));
    EXPECT_EQ(keys(kKey + "\n" + kKey + "\n").value().size(), 2U);
    EXPECT_FALSE(keys(kKey + "\n" + kKey + "\n" + kKey + "\n"));
    EXPECT_FALSE(keys("\n"));
}

TEST_F(NotifySecretsTest, AKeyIs24To64BytesInBase64) {
    EXPECT_EQ(parse_notify_key(std::string(32, 'A'))->size(), 24U) << "without whsec_ as well";
    EXPECT_EQ(parse_notify_key("whsec_" + std::string(34, 'A') + "==")->size(), 25U);
    EXPECT_EQ(parse_notify_key("whsec_" + std::string(35, 'A') + "=")->size(), 26U);
    for (const std::string& wrong : {std::string(), std::string("whsec_"), "whsec_" + std::string(28, 'A'),
                                     "whsec_" + std::string(92, 'A'), "whsec_" + std::string(31, 'A'),
                                     "whsec_" + std::string(31, 'A') + "!"})
        EXPECT_EQ(parse_notify_key(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace batchd::config
