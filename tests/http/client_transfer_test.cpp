#include "http/client_fixture.hpp"
#include "http/file_content.hpp"

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

struct ClientTransferTest : ClientTest {
    Form form_for(const Path& path) const {
        Form form;
        form.fields.push_back({"purpose", "batch"});
        form.file_field = "file";
        form.filename = "in.jsonl";
        form.open = FileContent::of(path);
        return form;
    }
    Outcome<Response> upload(const Path& path) {
        return run(context, client->upload(make(Method::post, "/files"), form_for(path)));
    }
    static std::string pattern(std::size_t size) {
        std::string text(size, ' ');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
        return text;
    }
    static std::string body_of(const std::string& request) {
        return request.substr(request.find("\r\n\r\n") + 4);
    }
};

TEST_F(ClientTransferTest, UploadsAFileByteForByte) {
    const std::string content = pattern(1'000'003);
    serve_answers({answer(200, "{}")});
    const auto response = upload(directory.write("in", content));
    ASSERT_TRUE(response) << response.error().text;
    const std::string body = body_of(server->requests().at(0));
    EXPECT_NE(body.find("\r\n\r\n" + content + "\r\n--batchd-"), std::string::npos);
    EXPECT_NE(body.find("name=\"purpose\"\r\n\r\nbatch\r\n"), std::string::npos);
    EXPECT_TRUE(body.ends_with("--\r\n"));
}

TEST_F(ClientTransferTest, UploadsAnEmptyFile) {
    serve_answers({answer(400, "empty")});
    EXPECT_EQ(upload(directory.write("in", ""))->status, 400U);
}

TEST_F(ClientTransferTest, AFileThatIsNotThereSendsNothing) {
    serve_answers({answer(200, "{}")});
    const auto response = upload(directory.path() / "none");
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::local);
    EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ClientTransferTest, AFileThatBecomesShorterIsALocalError) {
    const Path path = directory.write("in", pattern(8'000'000));
    serve({[&path](Peer& peer) {
        peer.read_bytes(1000);  // it has been measured by now, and most of it waits for us to read on
        std::filesystem::resize_file(path, 100'000);
        peer.wait_for_client();
    }});
    const auto response = upload(path);
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::local);
    EXPECT_EQ(response.error().code, Errc::changed);
}

TEST_F(ClientTransferTest, AnAnswerThatComesWhileWeStillSendCounts) {
    serve({[](Peer& peer) {
        peer.read_bytes(1000);
        peer.send(answer(413, "too big", "Connection: close\r\n"));
        peer.end();
    }});
    const auto response = upload(directory.write("in", pattern(30'000'000)));
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->status, 413U);
}

TEST_F(ClientTransferTest, AResetWhileSendingIsADoubt) {
    serve({[](Peer& peer) {
        peer.read_bytes(1000);
        peer.reset();
    }});
    const auto response = upload(directory.write("in", pattern(30'000'000)));
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
}

TEST_F(ClientTransferTest, AServerThatStopsReadingRunsIntoTheTimeLimit) {
    options.timeout = 100ms;
    const Path path = directory.write("in", pattern(30'000'000));
    std::promise<void> done;
    serve({[&done](Peer&) { done.get_future().wait(); }});
    const auto response = upload(path);
    done.set_value();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
}

TEST_F(ClientTransferTest, DownloadsAFileByteForByte) {
    const std::string content = pattern(3'000'017);
    serve_answers({answer(200, content), answer(200, "next")});
    const auto done = download();
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->size_bytes, content.size());
    EXPECT_EQ(testing::slurp(directory.path() / "out"), content);
    EXPECT_EQ(get()->body, "next");
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTransferTest, DownloadsAChunkedFile) {
    const std::string content = pattern(400'000);
    serve_answers({"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n61a80\r\n" + content +
                   "\r\n3\r\nend\r\n0\r\n\r\n"});
    ASSERT_TRUE(download());
    EXPECT_EQ(testing::slurp(directory.path() / "out"), content + "end");
}

TEST_F(ClientTransferTest, DownloadsAnEmptyFile) {
    serve_answers({answer(200, "")});
    EXPECT_EQ(download()->size_bytes, 0U);
    EXPECT_EQ(testing::slurp(directory.path() / "out"), "");
}

TEST_F(ClientTransferTest, DownloadsUntilTheEndWhereNoLengthWasAnnounced) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 X\r\n\r\nall of it");
        peer.end();
    }});
    ASSERT_TRUE(download());
    EXPECT_EQ(testing::slurp(directory.path() / "out"), "all of it");
}

TEST_F(ClientTransferTest, AShortDownloadLeavesNothingBehind) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\n" + std::string(400'000, 'x'));
    }});
    const auto done = download();
    ASSERT_TRUE(done.has_error());
    EXPECT_EQ(done.error().phase, Phase::sent);
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientTransferTest, ADownloadThatIsLongerThanAnnouncedLeavesNothingBehind) {
    serve_answers({"HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\nabcd"});
    EXPECT_TRUE(download().has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientTransferTest, ADownloadBeyondTheLimitLeavesNothingBehind) {
    serve({replies({answer(200, std::string(1001, 'x'))}),
           replies({"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                    "\r\n0\r\n\r\n"})});
    EXPECT_TRUE(download(1000).has_error());
    EXPECT_TRUE(download(1000).has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientTransferTest, ACompressedDownloadLeavesNothingBehind) {
    serve_answers({answer(200, "\x1f\x8b", "Content-Encoding: gzip\r\n")});
    EXPECT_TRUE(download().has_error());
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientTransferTest, ARefusedDownloadIsAnsweredAndWritesNothing) {
    serve_answers({answer(404, "no such file")});
    const auto done = download();
    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->response.status, 404U);
    EXPECT_EQ(done->response.body, "no such file");
    EXPECT_TRUE(is_empty());
}

TEST_F(ClientTransferTest, ADownloadThatCannotBeWrittenIsALocalError) {
    serve_answers({answer(200, "x")});
    const auto done = run(context, client->download(make(Method::get), directory.path() / "no" / "out", 10));
    ASSERT_TRUE(done.has_error());
    EXPECT_EQ(done.error().phase, Phase::local);
}

}  // namespace
}  // namespace batchd::http
