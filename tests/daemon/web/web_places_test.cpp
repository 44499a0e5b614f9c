#include "daemon/web/web_places.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

config::Web listening(std::vector<std::string> listen, std::vector<std::string> hosts = {}) {
    config::Web web;
    web.listen = std::move(listen);
    web.hosts = std::move(hosts);
    return web;
}

TEST(WebPlacesTest, OnlyThisMachineMayReachThePageWithoutAProxy) {
    config::Web web;
    for (const char* place : {"127.0.0.1:8420", "[::1]:1", "/run/page.sock", "@batchd", "127.3.2.1:80"})
        EXPECT_FALSE(why_not_there({place}, web)) << place;
    for (const char* place : {"0.0.0.0:8420", "[::]:8420", "10.0.0.7:8420", "[::ffff:127.0.0.1]:8420",
                              "a socket of family 40", ""}) {
        const auto why = why_not_there({"127.0.0.1:8420", place}, web);
        ASSERT_TRUE(why) << place;
        EXPECT_NE(why->find("web.behind_proxy"), std::string::npos) << *why;
    }
    web.behind_proxy = {.header = "x-user", .address = "10.0.0.5"};
    EXPECT_FALSE(why_not_there({"0.0.0.0:8420"}, web));
    web.behind_proxy->address = "unix";
    EXPECT_TRUE(why_not_there({"0.0.0.0:8420"}, web)) << "it is in front of the path";
    EXPECT_FALSE(why_not_there({"127.0.0.1:8420", "/run/page.sock"}, web));
}

TEST(WebPlacesTest, SaysWhatOfWebListenNobodyListensOn) {
    EXPECT_FALSE(what_is_missing({"127.0.0.1:8420"}, listening({"127.0.0.1:8420"})));
    EXPECT_FALSE(what_is_missing({"127.0.0.1:8420", "/p"}, listening({"/p"})));
    const auto missing = what_is_missing({"127.0.0.1:8420"}, listening({"127.0.0.1:9000", "/p"}));
    ASSERT_TRUE(missing);
    EXPECT_TRUE(
        missing->starts_with("nobody listens on 127.0.0.1:9000, /p of web.listen: systemd has opened "
                             "127.0.0.1:8420, "))
        << *missing;
}

TEST(WebPlacesTest, TheLinkLeadsToWhereItListensByANameThatItAnswersFor) {
    const config::Web any = listening({"127.0.0.1:9000"});
    EXPECT_EQ(link_text({"127.0.0.1:8420"}, any, "T"), "http://127.0.0.1:8420/link/T");
    EXPECT_EQ(link_text({"/p", "[::1]:8420"}, any, "T"), "http://[::1]:8420/link/T");
    EXPECT_EQ(link_text({"0.0.0.0:8420"}, any, "T"), "http://localhost:8420/link/T");
    EXPECT_EQ(link_text({"/p"}, any, "T"), "http://localhost/link/T");
    const config::Web named = listening({"10.0.0.7:8420"}, {"batchd.example.org"});
    EXPECT_EQ(link_text({"10.0.0.7:8420"}, named, "T"), "http://batchd.example.org:8420/link/T");
    EXPECT_EQ(link_text({"/p"}, named, "T"), "http://batchd.example.org/link/T");
}

}  // namespace
}  // namespace batchd
