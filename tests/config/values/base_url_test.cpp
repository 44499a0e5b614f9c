#include "config/values/base_url.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

TEST(BaseUrlTest, IsHttpsOrOnThisMachine) {
    for (const char* good :
         {"https://api.openai.com/v1", "https://example.org", "https://example.org:8443/openai/v1",
          "https://[2001:db8::1]:8443/v1", "http://localhost:8080/v1", "http://127.0.0.1/v1",
          "http://127.1.2.3:9", "http://[::1]:8080/v1", "https://localhost"})
        EXPECT_EQ(normalize_base_url(good), good);
}

TEST(BaseUrlTest, LosesItsLastSlashAndItsCapitalScheme) {
    EXPECT_EQ(normalize_base_url("https://api.openai.com/v1/"), "https://api.openai.com/v1");
    EXPECT_EQ(normalize_base_url("https://api.openai.com//"), "https://api.openai.com");
    EXPECT_EQ(normalize_base_url("HTTPS://api.openai.com/v1"), "https://api.openai.com/v1");
}

TEST(BaseUrlTest, IsToldFromOneThatCrossesANetworkInTheClear) {
    for (const char* url :
         {"http://api.openai.com/v1", "http://10.0.0.1/v1", "http://[::2]/v1", "http://0.0.0.0/v1",
          "http://localhost.example.org", "http://127.0.0.1.example.org", "http://127.1",
          "http://[::ffff:10.0.0.1]", "http://gpu-1:8000/v1"}) {
        EXPECT_EQ(normalize_base_url(url), url);
        EXPECT_TRUE(crosses_network_in_the_clear(url)) << url;
    }
    for (const char* url : {"https://api.openai.com/v1", "http://localhost:8080/v1", "http://127.1.2.3:9",
                            "http://[::1]:8080/v1", "http://127.0.0.1"})
        EXPECT_FALSE(crosses_network_in_the_clear(url)) << url;
}

TEST(BaseUrlTest, HasNoUserQueryOrFragment) {
    for (const char* bad :
         {"https://user@example.org/v1", "https://user:pass@example.org/v1", "https://example.org/v1?a=b",
          "https://example.org/v1#top", "https://example.org?a"})
        EXPECT_FALSE(normalize_base_url(bad)) << bad;
}

TEST(BaseUrlTest, IsNothingElse) {
    for (const char* bad :
         {"", "api.openai.com/v1", "ftp://example.org", "https://", "https:///v1", "https://:443/v1",
          "https://example.org:/v1", "https://example.org:0/v1", "https://example.org:65536/v1",
          "https://example.org:80x/v1", "https://exa mple.org/", "https://example.org/a b",
          "https://example.org/\r\nX: y", "https://[::1/v1", "https://[nonsense]/v1", "https://.org/",
          "file:///etc/passwd", "https://[::1]x/v1"})
        EXPECT_FALSE(normalize_base_url(bad)) << bad;
    EXPECT_FALSE(normalize_base_url("https://example.org/" + std::string(3000, 'a')));
}

}  // namespace
}  // namespace batchd::config
