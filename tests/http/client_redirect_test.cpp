#include "http/client_fixture.hpp"
#include "http/file_content.hpp"

namespace batchd::http {
namespace {

std::string redirect(unsigned status, const std::string& location) {
    return answer(status, "", "Location: " + location + "\r\n");
}

struct ClientRedirectTest : ClientTest {
    Request with_key(Method method) const {
        Request request = make(method);
        request.headers.push_back({"authorization", "Bearer secret"});
        for (const char* const name : {"api-key", "x-api-key", "X-Goog-Api-Key", "whatever-bears-it"})
            request.headers.push_back({name, "secret"});
        request.headers.push_back({"OpenAI-Project", "proj_1"});
        request.headers.push_back({"Accept", "*/*"});
        return request;
    }
};

TEST_F(ClientRedirectTest, AGetFollowsWithinTheOriginAndKeepsItsKey) {
    serve({replies({redirect(302, "/y"), answer(200, "there")}), replies({answer(200, "there")})});
    EXPECT_EQ(run(context, client->request(with_key(Method::get)))->body, "there");
    const std::string sent = server->requests().at(1);
    EXPECT_TRUE(sent.starts_with("GET /y HTTP/1.1")) << sent;
    EXPECT_NE(sent.find("authorization: Bearer secret"), std::string::npos) << sent;
}

TEST_F(ClientRedirectTest, TheKeyDoesNotGoToAnotherOrigin) {
    ScriptedServer other({replies({answer(200, "elsewhere")})});
    serve_answers({redirect(307, "http://127.0.0.1:" + std::to_string(other.port()) + "/z")});
    const auto done = run(context, client->download(with_key(Method::get), directory.path() / "out", 100));
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->response.is_from_elsewhere);
    const std::string sent = other.requests().at(0);
    EXPECT_TRUE(sent.starts_with("GET /z HTTP/1.1")) << sent;
    EXPECT_EQ(sent.find("secret"), std::string::npos) << sent;
    EXPECT_EQ(sent.find("proj_1"), std::string::npos) << sent;
    EXPECT_NE(sent.find("Accept: */*"), std::string::npos) << sent;
}

TEST_F(ClientRedirectTest, ADownloadFollowsToo) {
    ScriptedServer other({replies({answer(200, "content")})});
    serve_answers({redirect(302, "http://127.0.0.1:" + std::to_string(other.port()) + "/z")});
    ASSERT_TRUE(download());
    EXPECT_EQ(testing::slurp(directory.path() / "out"), "content");
}

TEST_F(ClientRedirectTest, NothingButADownloadIsFetchedElsewhere) {
    ScriptedServer other({replies({answer(200, "elsewhere")})});
    serve_answers({redirect(307, "http://127.0.0.1:" + std::to_string(other.port()) + "/z")});
    const auto response = run(context, client->request(with_key(Method::get)));
    EXPECT_EQ(response->status, 307U);
    EXPECT_FALSE(response->is_from_elsewhere);
    EXPECT_EQ(other.connections(), 0U);
}

TEST_F(ClientRedirectTest, APostIsNotSentElsewhere) {
    for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) {
        serve_answers({redirect(status, "/y"), answer(200, "there")});
        EXPECT_EQ(run(context, client->request(with_key(Method::post)))->status, status);
        EXPECT_EQ(server->requests().size(), 1U) << status;
    }
}

TEST_F(ClientRedirectTest, AnUploadIsNotSentElsewhere) {
    serve_answers({redirect(307, "/y"), answer(200, "there")});
    Form form;
    form.file_field = "file";
    form.open = FileContent::of(directory.write("part", "{}"));
    const auto response = run(context, client->upload(with_key(Method::post), std::move(form)));
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->status, 307U);
    EXPECT_EQ(server->requests().size(), 1U);
}

TEST_F(ClientRedirectTest, PlainHttpToAnotherMachineIsRefused) {
    serve_answers({redirect(302, "http://192.0.2.1/y")});
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_NE(response.error().text.find("not encrypted"), std::string::npos) << response.error().text;
}

TEST_F(ClientRedirectTest, ACircleIsLeft) {
    std::vector<Script> scripts(10, replies({redirect(302, "/x")}));
    serve(std::move(scripts));
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().code, Errc::protocol);
    EXPECT_EQ(server->requests().size(), 4U);
}

TEST_F(ClientRedirectTest, ALocationThatLeadsNowhereIsAnError) {
    serve_answers({redirect(302, "file:///etc/passwd")});
    EXPECT_EQ(get().error().code, Errc::protocol);
}

}  // namespace
}  // namespace batchd::http
