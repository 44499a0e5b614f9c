#include "server/message.hpp"

#include <gtest/gtest.h>

#include "server/error_answer.hpp"

namespace batchd::server {
namespace {

TEST(MessageTest, AHeadSaysHowItsBodyEnds) {
    const AnswerHead head{.status = 200, .headers = {{"Content-Type", "text/plain"}}};
    EXPECT_EQ(serialize_head(head, Framing::length, 5, true),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: "
              "keep-alive\r\n\r\n");
    EXPECT_EQ(serialize_head({.status = 404}, Framing::chunked, 0, false),
              "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(serialize_head({.status = 200}, Framing::close, 0, false),
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST(MessageTest, ANameWithALineEndIsNoHeaderOfItsOwn) {
    const AnswerHead head{.status = 200, .headers = {{"X-Name", "a\r\nSet-Cookie: b\n\n<html>"}}};
    const std::string text = serialize_head(head, Framing::length, 0, false);
    EXPECT_NE(text.find("X-Name: a  Set-Cookie: b  <html>\r\n"), std::string::npos) << text;
}

TEST(MessageTest, ARefusalIsJsonWhateverItQuotes) {
    EXPECT_EQ(error_answer(404, "not_found", "there is no \"a\nb\"").body,
              "{\"error\":{\"code\":\"not_found\",\"message\":\"there is no \\\"a\\\\x0ab\\\"\"}}\n");
}

}  // namespace
}  // namespace batchd::server
