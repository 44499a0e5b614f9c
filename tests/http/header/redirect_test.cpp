#include "http/header/redirect.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

Result<Url> follow(std::string_view from, std::string location) {
    Response response;
    response.status = 302;
    response.headers.push_back({"location", std::move(location)});
    return redirect_target(parse_url(from).value(), response);
}

TEST(RedirectTest, LeadsToWhereNothingIsGivenUp) {
    constexpr std::pair<const char*, const char*> kAllowed[] = {
        {"https://api.example/v1/x", "/y"},
        {"https://api.example/v1/x", "https://blobs.example/y?signature=z"},
        {"https://127.0.0.1:8443/x", "https://localhost:9443/y"},
        {"http://127.0.0.1:80/x", "http://127.0.0.1:81/y"},
        {"http://127.0.0.1/x", "https://blobs.example/y"},
        {"http://192.0.2.1:8000/x", "/y"},
    };
    for (const auto& [from, to] : kAllowed) EXPECT_TRUE(follow(from, to)) << from << " to " << to;
}

TEST(RedirectTest, NeverLeadsOutOfEncryptionOrIntoThisMachine) {
    constexpr std::array<const char*, 3> kRefused[] = {
        {"https://api.example/x", "http://api.example/y", "not encrypted"},
        {"https://api.example/x", "http://127.0.0.1:8080/y", "not encrypted"},
        {"https://127.0.0.1/x", "http://127.0.0.1/y", "not encrypted"},
        {"http://127.0.0.1/x", "http://192.0.2.1/y", "not encrypted"},
        {"https://api.example/x", "https://127.0.0.1:8080/y", "this machine"},
        {"https://api.example/x", "https://[::1]/y", "this machine"},
        {"https://api.example/x", "https://localhost/y", "this machine"},
        {"https://api.example/x", "//admin.localhost/y", "this machine"},
        {"https://api.example/x", "file:///etc/passwd", "nowhere"},
    };
    for (const auto& [from, to, why] : kRefused) {
        const auto target = follow(from, to);
        ASSERT_TRUE(target.has_error()) << from << " to " << to;
        EXPECT_NE(to_string(target.error()).find(why), std::string::npos) << to_string(target.error());
    }
}

}  // namespace
}  // namespace batchd::http
