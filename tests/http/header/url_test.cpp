#include "http/header/url.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

TEST(UrlTest, ReadsSchemeHostPortAndTarget) {
    const Url url = parse_url("HTTPS://API.example.com:8443/v1/x?a=b#part").value();
    EXPECT_EQ(url.origin, (Origin{Scheme::https, "api.example.com", 8443}));
    EXPECT_EQ(url.target, "/v1/x?a=b");
}

TEST(UrlTest, FillsInWhatTheSchemeImplies) {
    EXPECT_EQ(parse_url("https://example.com").value().origin.port, 443);
    EXPECT_EQ(parse_url("http://localhost").value().origin.port, 80);
    EXPECT_EQ(parse_url("https://example.com").value().target, "/");
    EXPECT_EQ(parse_url("https://example.com?a=b").value().target, "/?a=b");
}

TEST(UrlTest, ReadsAnIpv6AddressInBrackets) {
    const Url url = parse_url("http://[::1]:8080/v1").value();
    EXPECT_EQ(url.origin, (Origin{Scheme::http, "::1", 8080}));
    EXPECT_EQ(host_header(url.origin), "[::1]:8080");
    EXPECT_EQ(host_header({Scheme::https, "::1", 443}), "[::1]");
}

TEST(UrlTest, RefusesWhatIsNoHttpOrigin) {
    for (const char* text : {"", "example.com", "ftp://example.com", "https://", "https:///v1", "https://a b",
                             "https://x:0", "https://x:65536", "https://x:", "https://x:12a", "https://[::1",
                             "https://[zz]", "https://a..b", "https://-a", "https://.a", "https://x\r\n",
                             "https://ex\xC3\xA4mple.com", "https://u:p@example.com"})
        EXPECT_TRUE(parse_url(text).has_error()) << text;
}

TEST(UrlTest, NeverQuotesAPassword) {
    EXPECT_EQ(to_string(parse_url("https://me:secret@example.com").error()).find("secret"),
              std::string::npos);
}

TEST(UrlTest, ResolvesALocationAgainstWhereItWasGiven) {
    const Url from = parse_url("https://a.example/v1/files/f/content?x=1").value();
    EXPECT_EQ(resolve_location(from, "https://b.example:444/y").value().origin.host, "b.example");
    EXPECT_EQ(resolve_location(from, "//b.example/y").value().origin.scheme, Scheme::https);
    EXPECT_EQ(resolve_location(from, "/y?z").value().target, "/y?z");
    EXPECT_EQ(resolve_location(from, "y#part").value().target, "/v1/files/f/y");
    EXPECT_EQ(resolve_location(from, "?z=2").value().target, "/v1/files/f/content?z=2");
    EXPECT_EQ(resolve_location(from, "y").value().origin, from.origin);
}

TEST(UrlTest, RefusesALocationThatLeadsNowhere) {
    const Url from = parse_url("https://a.example/v1").value();
    for (const char* location : {"", "/a b", "javascript:alert(1)", "file:///etc/passwd", "/x\r\nHost: evil"})
        EXPECT_TRUE(resolve_location(from, location).has_error()) << location;
}

TEST(UrlTest, KnowsThisMachine) {
    for (const char* host : {"localhost", "LOCALHOST", "api.localhost", "127.0.0.1", "127.9.9.9", "::1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host :
         {"localhost.example.com", "128.0.0.1", "10.0.0.1", "::2", "", "127.0.0.1.example.com"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(UrlTest, PercentEncodesAllThatCouldLeaveAPathSegment) {
    EXPECT_EQ(percent_encode("file-A_z.0~"), "file-A_z.0~");
    EXPECT_EQ(percent_encode("../x?a&b #%\n\xFF"), "..%2Fx%3Fa%26b%20%23%25%0A%FF");
}

}  // namespace
}  // namespace batchd::http
