#include "http/client_fixture.hpp"

namespace batchd::http {
namespace {

/// Downloads that are cut off in the middle.
struct ClientResumeTest : ClientTest {
    static constexpr std::size_t kSize = 300'000;
    const std::string content = [] {
        std::string text(kSize, ' ');
        for (std::size_t i = 0; i < kSize; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
        return text;
    }();

    /// The beginning of an answer that announces all of the file, and then the end.
    Script cut_after(std::size_t size, std::string headers = "ETag: \"v1\"\r\n") {
        return [this, size, headers](Peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 200 X\r\n" + headers + "Content-Length: " + std::to_string(kSize) +
                      "\r\n\r\n" + content.substr(0, size));
        };
    }
    /// An answer of 206 with what is behind the first `from` bytes, as far as `to`.
    Script part(std::size_t from, std::size_t to, std::string range = "", std::string etag = "\"v1\"") {
        if (range.empty())
            range = std::to_string(from) + "-" + std::to_string(kSize - 1) + "/" + std::to_string(kSize);
        return [this, from, to, range, etag](Peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 206 X\r\nETag: " + etag + "\r\nContent-Range: bytes " + range +
                      "\r\nContent-Length: " + std::to_string(kSize - from) + "\r\n\r\n" +
                      content.substr(from, to - from));
            if (to == kSize) peer.wait_for_client();
        };
    }
    std::string downloaded() const { return testing::slurp(directory.path() / "out"); }
};

TEST_F(ClientResumeTest, GoesOnWhereItWasCutOff) {
    serve({cut_after(100'000), part(100'000, 200'000), part(200'000, kSize)});
    const auto done = download();
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->response.status, 200U);
    EXPECT_EQ(done->size_bytes, kSize);
    EXPECT_EQ(downloaded(), content);
    const std::string second = server->requests().at(1);
    EXPECT_NE(second.find("Range: bytes=100000-\r\n"), std::string::npos);
    EXPECT_NE(second.find("If-Range: \"v1\"\r\n"), std::string::npos);
}

TEST_F(ClientResumeTest, BeginsAnewInTheSameCallWhereTheServerKnowsNoRanges) {
    serve({cut_after(100'000, ""), replies({answer(200, content)})});
    ASSERT_TRUE(download());
    EXPECT_EQ(downloaded(), content);
    EXPECT_EQ(server->connections(), 2U);
}

TEST_F(ClientResumeTest, OneThatBeginsAnewAndIsCutAgainIsLeftToTheCaller) {
    serve({cut_after(100'000, ""), cut_after(150'000, "")});
    const auto done = download();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().phase, Phase::sent);
    EXPECT_EQ(server->connections(), 2U);
}

TEST_F(ClientResumeTest, BeginsAnewWhereTheFileIsAnotherByNow) {
    const std::string other(200'000, 'x');
    serve({cut_after(100'000), replies({answer(200, other, "ETag: \"v2\"\r\n")})});
    ASSERT_TRUE(download());
    EXPECT_EQ(downloaded(), other);
}

TEST_F(ClientResumeTest, APartThatIsNotTheOneAskedForLeavesNothingBehind) {
    serve({cut_after(100'000), part(100'000, kSize, "99999-299998/300000")});
    EXPECT_TRUE(download().has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientResumeTest, APartOfAnotherVersionLeavesNothingBehind) {
    serve({cut_after(100'000), part(100'000, kSize, "", "\"v2\"")});
    EXPECT_TRUE(download().has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientResumeTest, APartThatWasNotAskedForLeavesNothingBehind) {
    serve({part(0, kSize)});
    EXPECT_TRUE(download().has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientResumeTest, WhatIsCutOffNearItsBeginningIsLeftToTheCaller) {
    serve({cut_after(1000), part(1000, kSize)});
    EXPECT_TRUE(download().has_error());
    EXPECT_EQ(server->connections(), 1U);
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientResumeTest, ARefusalOfTheRestIsTheAnswerAndLeavesNothingBehind) {
    serve({cut_after(100'000), replies({answer(404, "gone")})});
    const auto done = download();
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->response.status, 404U);
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientResumeTest, TheLimitHoldsForAllPartsTogether) {
    serve({cut_after(100'000), part(100'000, kSize)});
    EXPECT_TRUE(download(200'000).has_error());
    EXPECT_TRUE(is_empty());
}

}  // namespace
}  // namespace batchd::http
