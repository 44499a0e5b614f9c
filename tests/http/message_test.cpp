#include "http/message.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

const Origin kOrigin{Scheme::https, "api.example.com", 443};

TEST(MessageTest, SerializesTheHeadOfAPost) {
    Request request;
    request.method = Method::post;
    request.target = "/v1/batches";
    request.headers.push_back({"Authorization", "Bearer k"});
    EXPECT_EQ(serialize_head(request, kOrigin, "batchd/1", 12).value(),
              "POST /v1/batches HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: "
              "batchd/1\r\nAccept-Encoding: identity\r\n"
              "Authorization: Bearer k\r\nContent-Length: 12\r\n\r\n");
}

TEST(MessageTest, AnEmptyPostSaysThatItIsEmpty) {
    Request request;
    request.method = Method::post;
    request.target = "/cancel";
    EXPECT_NE(serialize_head(request, kOrigin, "batchd/1", 0).value().find("Content-Length: 0\r\n"),
              std::string::npos);
}

TEST(MessageTest, RefusesATargetOrHeaderThatWouldBreakOutOfItsLine) {
    Request request;
    request.target = "/v1/x y";
    EXPECT_EQ(serialize_head(request, kOrigin, "a", 0).error().code, Errc::bad_input);
    request.target = "/v1\r\nX: y";
    EXPECT_EQ(serialize_head(request, kOrigin, "a", 0).error().code, Errc::bad_input);
    request.target = "/v1";
    request.headers.push_back({"Authorization", "Bearer secret\r\nX: y"});
    const auto head = serialize_head(request, kOrigin, "a", 0);
    EXPECT_EQ(head.error().code, Errc::bad_input);
    EXPECT_EQ(to_string(head.error()).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace batchd::http
