#include <semaphore>

#include "base/async/task_group.hpp"
#include "http/client_fixture.hpp"
#include "http/content/crawl.hpp"

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

TEST(CrawlTest, KnowsWhatComesTooSlowly) {
    Crawl crawl(100s);
    EXPECT_FALSE(crawl.is_too_slow(219s, 1)) << "the window is not over";
    EXPECT_TRUE(crawl.is_too_slow(220s, Crawl::kBytesMin - 1));
    EXPECT_FALSE(crawl.is_too_slow(340s, 2 * Crawl::kBytesMin)) << "by what came since";
    EXPECT_TRUE(crawl.is_too_slow(460s, 2 * Crawl::kBytesMin + 1));
    Crawl fast(0s);
    for (std::uint64_t minutes = 2; minutes < 100; ++minutes)
        EXPECT_FALSE(fast.is_too_slow(std::chrono::minutes(minutes), minutes * Crawl::kBytesMin));
}

/// Downloads that take their time.
struct ClientCrawlTest : ClientTest {
    static constexpr std::size_t kSize = 600'000;
    const std::string content = std::string(kSize / 2, 'a') + std::string(kSize / 2, 'b');
    std::counting_semaphore<> bytes_wanted{0};
    TaskGroup group{context.get_executor()};
    std::vector<std::string> ended;  ///< downloads, in the order in which they came

    ~ClientCrawlTest() override {
        bytes_wanted.release(1000);
        server.reset();  // its scripts read what is above
    }

    /// Announces all of the file, sends the first `size` bytes, and then one for each that is wanted.
    Script crawl_after(std::size_t size) {
        return [this, size](Peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 200 X\r\nETag: \"v1\"\r\nContent-Length: " + std::to_string(kSize) +
                      "\r\n\r\n" + content.substr(0, size));
            for (std::size_t at = size; at < size + 500; ++at) {
                bytes_wanted.acquire();
                peer.send(content.substr(at, 1));
            }
        };
    }
    /// What is behind those bytes that the request says are there.
    Script the_rest() {
        return [this](Peer& peer) {
            const std::string request = peer.read_request();
            const std::size_t from = std::stoul(request.substr(request.find("bytes=") + 6));
            peer.send("HTTP/1.1 206 X\r\nETag: \"v1\"\r\nContent-Range: bytes " + std::to_string(from) + "-" +
                      std::to_string(kSize - 1) + "/" + std::to_string(kSize) + "\r\nContent-Length: " +
                      std::to_string(kSize - from) + "\r\n\r\n" + content.substr(from));
            peer.wait_for_client();
        };
    }
    void begin_download(std::string name) {
        group.spawn([](ClientCrawlTest& test, std::string file) -> boost::asio::awaitable<void> {
            Request request = make(Method::get);
            const auto done =
                co_await test.client->download(std::move(request), test.directory.path() / file, 100'000'000);
            test.ended.push_back(file + (done ? "" : ": " + done.error().text));
        }(*this, std::move(name)));
    }
    /// Time passes, and a byte comes now and then, until it has asked so often.
    void crawl_until(std::size_t requests) {
        while (server->requests().size() < requests && ended.empty()) {
            clock.advance(3min);
            bytes_wanted.release();
            context.run_one_for(10ms);
        }
    }
};

TEST_F(ClientCrawlTest, DownloadsLeaveAPlaceForOtherCalls) {
    options.connections_max = 2;
    serve({crawl_after(10), replies({answer(200, "here")})});
    begin_download("slow");
    begin_download("waits");
    while (server->requests().empty()) context.run_one_for(10ms);
    std::string body;
    group.spawn([](Client& from, std::string& into) -> boost::asio::awaitable<void> {
        Request request = make(Method::get);
        into = (co_await from.request(std::move(request)))->body;
    }(*client, body));
    while (body.empty()) context.run_one_for(10ms);
    EXPECT_EQ(body, "here");
    group.cancel();
    run(context, group.join());
}

TEST_F(ClientCrawlTest, OneThatCrawlsLetsTheOthersGoFirstAndThenGoesOn) {
    options.connections_max = 2;
    serve({crawl_after(300'000), replies({answer(200, "small", "Connection: close\r\n")}), the_rest()});
    begin_download("slow");
    while (server->requests().empty()) context.run_one_for(10ms);
    begin_download("small");
    crawl_until(2);
    run(context, group.join());
    EXPECT_EQ(ended, (std::vector<std::string>{"small", "slow"}));
    EXPECT_EQ(testing::slurp(directory.path() / "slow"), content);
}

TEST_F(ClientCrawlTest, OneOfWhichNextToNothingComesIsGivenUpWithAWord) {
    serve({crawl_after(1000)});
    begin_download("slow");
    while (server->requests().empty()) context.run_one_for(10ms);
    crawl_until(2);
    run(context, group.join());
    EXPECT_EQ(ended, std::vector<std::string>{"slow: it is too slow: less than 256KiB in 2m"});
    EXPECT_TRUE(is_empty());
}

}  // namespace
}  // namespace batchd::http
