#include "web/safety/guard.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

using Kind = AccessDecision::Kind;

const Access kAccess(std::string(32, 'a'));
const std::string kSession = kAccess.open_session();

/// A request that is fine, to be spoilt.
struct Request {
    server::RequestHead head{.method = "GET", .path = "/", .query = "", .headers = {}, .content_length = {}};
    server::Peer peer{.uid = {}, .pid = {}, .address = "127.0.0.1"};
    config::Web settings{};
    Area area = Area::pages;

    explicit Request(std::string method = "GET") {
        head.method = std::move(method);
        with("host", "localhost:8420").with("cookie", std::string(kCookie) + "=" + kSession);
    }
    Request& with(const std::string& name, const std::string& value) {
        std::erase_if(head.headers, [&](const auto& header) { return header.name == name; });
        if (!value.empty()) head.headers.push_back({name, value});
        return *this;
    }
    Request& in(Area there) {
        area = there;
        return *this;
    }
    Kind decision() const { return judge(head, peer, area, settings, kAccess).kind; }
};

TEST(GuardTest, LetsASessionIn) {
    EXPECT_EQ(Request().decision(), Kind::allowed);
    EXPECT_EQ(Request("POST").decision(), Kind::allowed);
    EXPECT_EQ(Request("POST").with("origin", "http://localhost:8420").decision(), Kind::allowed);
    EXPECT_EQ(Request("POST").with("sec-fetch-site", "same-origin").decision(), Kind::allowed);
}

TEST(GuardTest, AnswersForItsOwnNamesOnly) {
    for (const char* host : {"localhost", "LOCALHOST:8420", "127.0.0.1:8420", "127.1.2.3", "[::1]:8420"})
        EXPECT_EQ(Request().with("host", host).decision(), Kind::allowed) << host;
    for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
                             "0.0.0.0", "[::2]", "", "["})
        EXPECT_EQ(Request().with("host", host).decision(), Kind::wrong_host) << host;
    Request twice;
    twice.head.headers.push_back({"host", "evil.example"});
    EXPECT_EQ(twice.decision(), Kind::wrong_host);
    Request open = Request().with("host", "evil.example");
    EXPECT_EQ(open.in(Area::open).decision(), Kind::wrong_host);
}

TEST(GuardTest, TakesNamesFromTheConfiguration) {
    Request request;
    request.settings.hosts = {"batchd.example.org"};
    EXPECT_EQ(request.decision(), Kind::wrong_host);
    EXPECT_EQ(request.with("host", "Batchd.Example.Org:443").decision(), Kind::allowed);
}

TEST(GuardTest, LetsNobodyInWithoutASession) {
    EXPECT_EQ(Request().with("cookie", "").decision(), Kind::no_login);
    EXPECT_EQ(Request().with("cookie", "batchd_session=" + kAccess.token()).decision(), Kind::no_login);
    EXPECT_EQ(Request().with("cookie", "").with("authorization", "Bearer " + kAccess.token()).decision(),
              Kind::no_login)
        << "the token of programs is not for pages";
    EXPECT_EQ(Request().with("cookie", "").in(Area::open).decision(), Kind::allowed);
}

TEST(GuardTest, RefusesChangesFromOtherSites) {
    for (const char* origin : {"http://evil.example", "null", "http://localhost:9999", "http://localhost",
                               "http://127.0.0.1:8420", "https://localhost:8420.evil.example"})
        EXPECT_EQ(Request("POST").with("origin", origin).decision(), Kind::refused) << origin;
    for (const char* site : {"cross-site", "same-site"})
        EXPECT_EQ(Request("POST").with("sec-fetch-site", site).decision(), Kind::refused) << site;
    EXPECT_EQ(Request().with("sec-fetch-site", "cross-site").decision(), Kind::allowed)
        << "somebody follows a link to us";
}

TEST(GuardTest, TakesTheTokenOfProgramsForTheApi) {
    const std::string bearer = "Bearer " + kAccess.token();
    Request program = Request("POST").with("cookie", "").with("authorization", bearer).in(Area::api);
    EXPECT_EQ(program.decision(), Kind::allowed);
    for (const std::string scheme : {"bearer ", "BEARER  "})
        EXPECT_EQ(program.with("authorization", scheme + kAccess.token()).decision(), Kind::allowed)
            << scheme;
    program.with("authorization", bearer);
    EXPECT_EQ(program.with("origin", "http://evil.example").decision(), Kind::refused);
    EXPECT_EQ(Request().in(Area::api).decision(), Kind::allowed) << "a browser may read";
    EXPECT_EQ(Request("POST").in(Area::api).decision(), Kind::refused) << "but not change by its cookie";
    EXPECT_EQ(Request().with("cookie", "").with("authorization", "Bearer x").in(Area::api).decision(),
              Kind::no_login);
    EXPECT_EQ(Request("DELETE").with("cookie", "").in(Area::api).decision(), Kind::no_login);
}

TEST(GuardTest, ChangesNothingWhereItOnlyShows) {
    Request request("POST");
    request.settings.read_only = true;
    EXPECT_EQ(request.decision(), Kind::refused);
    request.with("authorization", "Bearer " + kAccess.token());
    EXPECT_EQ(request.in(Area::api).decision(), Kind::refused);
    request.head.method = "GET";
    EXPECT_EQ(request.decision(), Kind::allowed);
}

TEST(GuardTest, BelievesItsProxyAndNobodyElse) {
    Request request = Request().with("cookie", "").with("x-forwarded-user", "alice");
    EXPECT_EQ(request.decision(), Kind::no_login) << "there is no proxy";
    request.settings.behind_proxy = {.header = "x-forwarded-user", .address = "10.0.0.5"};
    EXPECT_EQ(request.decision(), Kind::no_login) << "it comes from another address";
    request.peer.address = "10.0.0.5";
    EXPECT_EQ(request.decision(), Kind::allowed);
    EXPECT_EQ(judge(request.head, request.peer, request.area, request.settings, kAccess).user, "alice");
    request.head.headers.push_back({"x-forwarded-user", "root"});
    EXPECT_EQ(request.decision(), Kind::no_login) << "twice is not once";
}

TEST(GuardTest, BelievesAProxyOnItsMachineByTheUnixSocketOnly) {
    Request request = Request().with("cookie", "").with("x-forwarded-user", "alice");
    request.settings.behind_proxy = {.header = "x-forwarded-user", .address = "unix"};
    for (const char* address : {"127.0.0.1", "::1", "10.0.0.5", ""}) {
        request.peer.address = address;
        EXPECT_EQ(request.decision(), Kind::no_login) << address;
    }
    request.peer.uid = 33;
    EXPECT_EQ(request.decision(), Kind::allowed);
    EXPECT_EQ(judge(request.head, request.peer, request.area, request.settings, kAccess).user, "alice");
    request.settings.behind_proxy->address = "10.0.0.5";
    EXPECT_EQ(request.decision(), Kind::no_login) << "it comes by another way";
}

}  // namespace
}  // namespace batchd::web
