#include <future>

#include "base/async/task_group.hpp"
#include "provider/openai/openai_fixture.hpp"

namespace batchd::provider {
namespace {

TEST_F(OpenAiTest, CreatesABatch) {
    serve({answer(200, kBatch)});
    const auto batch = create();
    ASSERT_TRUE(batch) << to_string(batch.error());
    EXPECT_EQ(batch->id, "batch_1");
    EXPECT_TRUE(sent().starts_with("POST /v1/batches HTTP/1.1\r\n")) << sent();
    EXPECT_TRUE(has(sent(), "\r\nAuthorization: Bearer sk-test-key\r\n")) << sent();
    EXPECT_TRUE(has(sent(), "\r\nUser-Agent: batchd/")) << sent();
    EXPECT_TRUE(has(sent(), "\r\nContent-Type: application/json\r\n")) << sent();
    EXPECT_TRUE(has(sent(), R"("metadata":{"batchd_key":"k"})")) << sent();
    EXPECT_FALSE(has(sent(), "OpenAI-")) << sent();
}

TEST_F(OpenAiTest, SendsOrganizationAndProjectWhereTheyAreSet) {
    settings.organization = "org-1";
    settings.project = "proj_1";
    serve({answer(200, kBatch)});
    EXPECT_TRUE(run(context, provider->retrieve("batch_1")));
    EXPECT_TRUE(has(sent(), "\r\nOpenAI-Organization: org-1\r\nOpenAI-Project: proj_1\r\n")) << sent();
}

TEST_F(OpenAiTest, EachCallTakesTheKeyOfItsMoment) {
    serve({answer(200, kBatch), answer(200, kBatch)});
    EXPECT_TRUE(create());
    key.replace("sk-other-key");
    EXPECT_TRUE(create());
    EXPECT_TRUE(has(sent(1), "\r\nAuthorization: Bearer sk-other-key\r\n")) << sent(1);
}

TEST_F(OpenAiTest, WithoutAKeyNoneIsShown) {
    key.replace("");
    serve({answer(200, kBatch)});
    EXPECT_TRUE(run(context, provider->retrieve("batch_1")));
    EXPECT_FALSE(has(sent(), "Authorization")) << sent();
}

TEST_F(OpenAiTest, UploadsAFile) {
    serve({answer(200, kFile)});
    const auto file = run(
        context,
        provider->upload(Turn(), testing::write_rows(directory.path() / "part", "{}\n{}"), "batchd-k.jsonl"));
    ASSERT_TRUE(file) << to_string(file.error());
    EXPECT_EQ(file->id, "file-1");
    EXPECT_EQ(file->size_bytes, 5U);
    EXPECT_TRUE(sent().starts_with("POST /v1/files HTTP/1.1\r\n")) << sent();
    EXPECT_TRUE(has(sent(), "name=\"purpose\"\r\n\r\nbatch\r\n")) << sent();
    EXPECT_TRUE(has(sent(), "filename=\"batchd-k.jsonl\"")) << sent();
    EXPECT_TRUE(has(sent(), "\r\n\r\n{}\n{}\n\r\n--")) << sent();
}

TEST_F(OpenAiTest, ListsFilesAndBatchesAfterAnId) {
    serve({answer(200, R"({"data":[],"has_more":false})"), answer(200, R"({"data":[],"has_more":true})"),
           answer(200, R"({"data":[]})")});
    EXPECT_TRUE(run(context, provider->list_files("")));
    EXPECT_TRUE(run(context, provider->list_batches("batch_1&x"))->has_more);
    EXPECT_TRUE(run(context, provider->list_batches("")));
    EXPECT_TRUE(sent(0).starts_with("GET /v1/files?purpose=batch&order=desc&limit=100 HTTP")) << sent(0);
    EXPECT_TRUE(sent(1).starts_with("GET /v1/batches?limit=100&after=batch_1%26x HTTP")) << sent(1);
    EXPECT_TRUE(sent(2).starts_with("GET /v1/batches?limit=100 HTTP")) << sent(2);
}

TEST_F(OpenAiTest, DownloadsCancelsAndDeletes) {
    serve({answer(200, "line\n"), answer(200, R"({"id":"batch_1","status":"cancelling"})"),
           answer(200, R"({"id":"file-1","deleted":true})")});
    EXPECT_EQ(run(context, provider->download("file-1", directory.path() / "out")).value(), 5U);
    EXPECT_EQ(testing::slurp(directory.path() / "out"), "line\n");
    EXPECT_EQ(run(context, provider->cancel("batch_1"))->status, BatchStatus::cancelling);
    EXPECT_TRUE(run(context, provider->delete_file("file-1")).value());
    EXPECT_TRUE(sent(0).starts_with("GET /v1/files/file-1/content HTTP")) << sent(0);
    EXPECT_TRUE(sent(1).starts_with("POST /v1/batches/batch_1/cancel HTTP")) << sent(1);
    EXPECT_TRUE(has(sent(1), "\r\nContent-Length: 0\r\n")) << sent(1);
    EXPECT_TRUE(sent(2).starts_with("DELETE /v1/files/file-1 HTTP")) << sent(2);
}

TEST_F(OpenAiTest, APageThatIsTooMuchAtOnceIsAskedForInSmallerOnes) {
    const std::string cut = R"({"data":[{"id":"b2","metadata":{"k":")";
    std::string many = R"({"data":[{"id":"b"})";
    for (int i = 0; i < 100'000; ++i) many += R"(,{"id":"b"})";
    // A connection whose answer is too much is given up rather than read to its end.
    const std::string last = R"({"data":[{"id":"b2"}],"has_more":true})";
    serve_scripts({replies({answer(200, many + "]}")}), replies({answer(200, cut), answer(200, last)})});
    const auto page = run(context, provider->list_batches("b3"));
    ASSERT_TRUE(page) << to_string(page.error());
    EXPECT_EQ(page->items.at(0).id, "b2");
    EXPECT_TRUE(page->has_more);
    EXPECT_TRUE(sent(0).starts_with("GET /v1/batches?limit=100&after=b3 HTTP")) << sent(0);
    EXPECT_TRUE(sent(1).starts_with("GET /v1/batches?limit=10&after=b3 HTTP")) << sent(1);
    EXPECT_TRUE(sent(2).starts_with("GET /v1/batches?limit=1&after=b3 HTTP")) << sent(2);
}

TEST_F(OpenAiTest, APageThatIsNoneIsAskedForOnce) {
    serve_scripts({replies({answer(200, "<html>")}), replies({answer(200, "{}"), answer(500, "")})});
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(run(context, provider->list_batches("")).error().kind, FailureKind::unavailable);
    EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(OpenAiTest, TwoFailedBatchesOfTenMegabytesAreReadFromOnePage) {
    std::string errors;
    for (int line = 1; line <= 50'000; ++line)
        errors += (line > 1 ? "," : "") + (R"({"code":"c","line":)" + std::to_string(line)) +
                  R"(,"message":")" + std::string(150, 'm') + "\"}";
    const std::string batch = R"(,"status":"failed","errors":{"data":[)" + errors + "]}}";
    serve({answer(200, R"({"data":[{"id":"b2")" + batch + R"(,{"id":"b1")" + batch + R"(,{"id":"b0"}]})"),
           answer(200, R"({"id":"b1")" + batch)});
    const auto page = run(context, provider->list_batches(""));
    ASSERT_TRUE(page) << to_string(page.error());
    EXPECT_EQ(page->items.size(), 3U);
    EXPECT_EQ(run(context, provider->retrieve("b1"))->errors.size(), 50'000U);
}

TEST_F(OpenAiTest, AListingThatTheServerDoesNotHaveIsUnsupported) {
    serve({answer(404, "<html>404</html>"), answer(405, R"({"detail":"Method Not Allowed"})"),
           answer(501, ""), answer(404, R"({"error":{"message":"No such batch"}})")});
    EXPECT_EQ(run(context, provider->list_batches("")).error().kind, FailureKind::unsupported);
    EXPECT_EQ(run(context, provider->list_files("")).error().kind, FailureKind::unsupported);
    EXPECT_EQ(run(context, provider->retrieve("batch_1")).error().kind, FailureKind::unsupported);
    EXPECT_EQ(run(context, provider->list_batches("batch_9")).error().kind, FailureKind::not_found)
        << "where to go on is not found, not the listing";
}

TEST_F(OpenAiTest, ABalancersPageAboutAFileIsNotTheProvidersWord) {
    serve({answer(404, "<html>404</html>"), answer(404, R"({"error":{"message":"No such File object"}})")});
    const auto page = run(context, provider->download("file-1", directory.path() / "out"));
    EXPECT_EQ(page.error().kind, FailureKind::not_found);
    EXPECT_FALSE(page.error().in_own_words);
    const auto own = run(context, provider->retrieve_file("file-1"));
    EXPECT_EQ(own.error().kind, FailureKind::not_found);
    EXPECT_TRUE(own.error().in_own_words);
}

TEST_F(OpenAiTest, AFileThatIsStillBeingProcessedIsNotVisibleYet) {
    serve({answer(409, R"({"error":{"message":"File is still being processed","code":"conflict"}})")});
    const auto batch = create();
    EXPECT_EQ(batch.error().kind, FailureKind::not_found);
    EXPECT_EQ(batch.error().code, "file_not_visible");
}

TEST_F(OpenAiTest, KnocksWithAListingOfOne) {
    serve({answer(200, R"({"data":[]})"), answer(404, ""), answer(200, "[]"), answer(501, ""),
           answer(405, "")});
    EXPECT_TRUE(run(context, provider->knock()));
    EXPECT_TRUE(run(context, provider->knock())) << "files will do";
    EXPECT_EQ(run(context, provider->knock()).error().kind, FailureKind::unsupported);
    EXPECT_TRUE(sent(0).starts_with("GET /v1/batches?limit=1 HTTP")) << sent(0);
    EXPECT_TRUE(sent(2).starts_with("GET /v1/files?purpose=batch&limit=1 HTTP")) << sent(2);
}

TEST_F(OpenAiTest, AKeyThatMayNotListBatchesIsKnownByAnotherList) {
    serve({answer(403, "no"), answer(200, "[]"), answer(401, "no"), answer(200, "[]"), answer(403, "no"),
           answer(403, "no"), answer(200, "[]")});
    EXPECT_TRUE(run(context, provider->knock()));
    EXPECT_TRUE(run(context, provider->knock()));
    EXPECT_TRUE(run(context, provider->knock())) << "with narrow rights";
    EXPECT_TRUE(sent(6).starts_with("GET /v1/models HTTP")) << sent(6);
}

TEST_F(OpenAiTest, AKeyThatMayListNothingIsRefused) {
    serve({answer(401, "no"), answer(401, "no"), answer(403, "no"), answer(404, ""), answer(403, "no"),
           answer(401, "no"), answer(501, "")});
    EXPECT_EQ(run(context, provider->knock()).error().kind, FailureKind::unauthorized)
        << "the models may be shown to anybody";
    EXPECT_EQ(run(context, provider->knock()).error().kind, FailureKind::unauthorized);
    EXPECT_EQ(run(context, provider->knock()).error().kind, FailureKind::unauthorized);
}

TEST_F(OpenAiTest, AFileIsAskedForByItsId) {
    serve({answer(200, kFile), answer(200, kFile)});
    EXPECT_EQ(run(context, provider->retrieve_file("file-1"))->size_bytes, 5U);
    const auto other = run(context, provider->retrieve_file("file-2"));
    EXPECT_EQ(other.error().kind, FailureKind::unavailable);
    EXPECT_TRUE(has(other.error().message, "not about file-2 but about file-1")) << other.error().message;
}

TEST_F(OpenAiTest, ADeletionNeedNotBeTalkedAbout) {
    serve({"HTTP/1.1 204 X\r\n\r\n"});
    EXPECT_TRUE(run(context, provider->delete_file("file-1")).value());
}

TEST_F(OpenAiTest, ADeletionOfAnotherFileIsNone) {
    serve({answer(200, R"({"id":"file-2","deleted":true})"), answer(200, R"({"deleted":true})")});
    EXPECT_EQ(run(context, provider->delete_file("file-1")).error().kind, FailureKind::unavailable);
    EXPECT_TRUE(run(context, provider->delete_file("file-1")).value());
}

TEST_F(OpenAiTest, WhatAnotherOriginSaysIsNoAnswer) {
    testing::ScriptedServer other({[](Peer& peer) {
        peer.read_request();
        peer.send(answer(200, R"({"id":"batch_1","status":"completed","output_file_id":"file-forged"})"));
    }});
    const std::string there = "Location: http://127.0.0.1:" + std::to_string(other.port()) + "/x\r\n";
    serve({answer(307, "", there), answer(307, "", there)});
    EXPECT_EQ(run(context, provider->retrieve("batch_1")).error().kind, FailureKind::unavailable);
    EXPECT_EQ(create().error().kind, FailureKind::doubt) << "it may have been made before it was sent on";
    EXPECT_EQ(other.connections(), 0U);
}

TEST_F(OpenAiTest, ATurnIsAPlaceAmongTheConnections) {
    settings.max_connections = 1;
    serve({answer(200, kBatch), answer(200, kBatch)});
    auto turn = std::make_optional(run(context, provider->enter(CallKind::create)));
    bool had_second = false;
    TaskGroup group(context.get_executor());
    auto second = [&]() -> boost::asio::awaitable<void> {
        const Turn waited = co_await provider->enter(CallKind::upload);
        had_second = true;
    };
    group.spawn(second());
    clock.advance(std::chrono::seconds(0));
    EXPECT_FALSE(had_second) << "the only connection is spoken for";
    NewBatch batch{"file-1", "/v1/chat/completions", "24h", {}};
    EXPECT_TRUE(run(context, provider->create(std::move(*turn), std::move(batch))));
    EXPECT_TRUE(had_second);
}

TEST_F(OpenAiTest, ALookThatIsNotAnsweredEndsSoon) {
    std::promise<void> is_asked;
    serve_script([&](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
        is_asked.set_value();
        peer.wait_for_client();
    });
    std::optional<Answer<BatchObject>> shown;
    TaskGroup group(context.get_executor());
    auto look = [&]() -> boost::asio::awaitable<void> { shown = co_await provider->retrieve("batch_1"); };
    group.spawn(look());
    auto asked = is_asked.get_future();
    while (asked.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) context.poll();
    clock.advance(std::chrono::seconds(9));
    EXPECT_FALSE(shown);
    clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(shown);
    ASSERT_FALSE(*shown);
    EXPECT_EQ(shown->error().kind, FailureKind::unavailable);
    EXPECT_EQ(shown->error().message, "no answer within 10s");
}

TEST_F(OpenAiTest, AnIdCannotLeaveItsPlaceInThePath) {
    serve({answer(404, "")});
    EXPECT_EQ(run(context, provider->retrieve("../files?x")).error().kind, FailureKind::not_found);
    EXPECT_TRUE(sent().starts_with("GET /v1/batches/..%2Ffiles%3Fx HTTP")) << sent();
}

TEST_F(OpenAiTest, ACreationWithoutAnAnswerIsADoubt) {
    serve_script(hang_up);
    EXPECT_EQ(create().error().kind, FailureKind::doubt);
}

TEST_F(OpenAiTest, AnUploadWithoutAnAnswerIsADoubt) {
    serve_script(hang_up);
    EXPECT_EQ(run(context,
                  provider->upload(Turn(), testing::write_rows(directory.path() / "part", "{}"), "x.jsonl"))
                  .error()
                  .kind,
              FailureKind::doubt);
}

TEST_F(OpenAiTest, ALookWithoutAnAnswerIsNone) {
    serve_script(hang_up);
    EXPECT_EQ(run(context, provider->retrieve("batch_1")).error().kind, FailureKind::unavailable);
}

TEST_F(OpenAiTest, NobodyListeningIsUnreachable) {
    serve({});
    server.reset();
    const auto batch = create();
    EXPECT_EQ(batch.error().kind, FailureKind::unreachable);
    EXPECT_TRUE(has(batch.error().message, "Connection refused")) << batch.error().message;
}

TEST_F(OpenAiTest, ACertificateThatNobodyVouchesForIsUnreachableAndSaysWhy) {
    serve_script(hang_up, testing::self_signed("127.0.0.1"));
    const auto batch = create();
    EXPECT_EQ(batch.error().kind, FailureKind::unreachable);
    EXPECT_TRUE(has(batch.error().message, "certificate verify failed")) << batch.error().message;
}

TEST_F(OpenAiTest, ACaptivePortalIsADoubtForACreation) {
    serve({answer(200, "<html><title>Login</title></html>", "Content-Type: text/html\r\n"),
           answer(200, "<html><title>Login</title></html>")});
    EXPECT_EQ(create().error().kind, FailureKind::doubt);
    EXPECT_EQ(run(context, provider->list_batches("")).error().kind, FailureKind::unavailable);
}

TEST_F(OpenAiTest, AnAnswerAboutAnotherBatchIsNoAnswer) {
    serve({answer(200, R"({"id":"batch_2","status":"completed"})")});
    EXPECT_EQ(run(context, provider->retrieve("batch_1")).error().kind, FailureKind::unavailable);
}

TEST_F(OpenAiTest, NoFailureShowsTheKey) {
    key.replace("my-own-key-123");
    serve({answer(
        401,
        R"({"error":{"message":"Incorrect API key provided: my-own-key-123.","code":"invalid_api_key"}})")});
    const auto batch = create();
    EXPECT_EQ(batch.error().kind, FailureKind::unauthorized);
    EXPECT_EQ(batch.error().message, "Incorrect API key provided: [redacted].");
}

TEST_F(OpenAiTest, AFileThatCannotBeReadIsALocalFailure) {
    serve({answer(200, kFile)});
    EXPECT_EQ(run(context, provider->upload(Turn(), directory.path() / "none", "x.jsonl")).error().kind,
              FailureKind::local);
}

TEST_F(OpenAiTest, ARefusedDownloadWritesNothing) {
    serve({answer(404, R"({"error":{"message":"No such File object: file-1","param":"id"}})")});
    EXPECT_EQ(run(context, provider->download("file-1", directory.path() / "out")).error().kind,
              FailureKind::not_found);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "out"));
}

TEST_F(OpenAiTest, SaysWhatIsWrongWithTheSettings) {
    const auto refusal = [this](const std::string& base_url) {
        settings.base_url = base_url;
        return to_string(make_openai(settings, key, context.get_executor(), pool, clock).error());
    };
    EXPECT_TRUE(has(refusal("api.openai.com"), "provider.base_url")) << refusal("api.openai.com");
    EXPECT_TRUE(has(refusal("http://192.0.2.1/v1"), "not encrypted"));
    EXPECT_TRUE(has(refusal("https://x.example/v1?api-version=1"), "must not have a query"));
    settings.ca_file = directory.path() / "none.pem";
    EXPECT_TRUE(has(refusal("https://x.example/v1"), "none.pem: No such file"));
}

}  // namespace
}  // namespace batchd::provider
