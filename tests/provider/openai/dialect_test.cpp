// Services that speak like OpenAI, each in its own way.
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "provider/openai/openai.hpp"
#include "support/manual_clock.hpp"
#include "support/rows.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider {
namespace {

using testing::answer;
using testing::Peer;
using testing::run;

constexpr const char* kSomeBatch = R"({"id":"batch_1","status":"validating","input_file_id":"file-1"})";
constexpr const char* kPendingFile =
    R"({"id":"file-1","filename":"batchd-k.jsonl","bytes":5,"status":"pending"})";

struct DialectTest : ::testing::Test {
    boost::asio::io_context context{1};
    boost::asio::thread_pool pool{1};
    testing::ManualClock clock{context};
    testing::TempDir directory;
    ApiKey key{"resource-key-1"};
    config::Provider settings = config::defaults_of(config::Kind::openai);
    std::unique_ptr<testing::ScriptedServer> server;
    std::unique_ptr<Provider> provider;

    void serve(std::vector<std::string> answers) {
        server = std::make_unique<testing::ScriptedServer>(std::vector{testing::replies(std::move(answers))});
        settings.base_url = "http://127.0.0.1:" + std::to_string(server->port()) + "/openai";
        provider = make_openai(settings, key, context.get_executor(), pool, clock).value();
    }
    Answer<BatchObject> create() {
        NewBatch batch{"file-1", "/v1/chat/completions", "24h", {{"batchd_key", "k"}}};
        return run(context, provider->create(Turn(), std::move(batch)));
    }
    std::string sent(std::size_t i = 0) const { return server->requests().at(i); }
    static bool has(const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    }
};

TEST_F(DialectTest, AzureIsCalledWithItsOwnHeaderAndQuery) {
    settings = config::defaults_of(config::Kind::azure);
    settings.dialect.query = "api-version=2024-10-21";
    settings.dialect.list_field = "value";
    const std::string file = R"({"id":"file-1","status":"processed"})";
    serve({answer(201, kPendingFile), answer(200, file), answer(201, R"({"id":"batch_1","endpoint":null})"),
           answer(200, R"({"value":[{"id":"batch_1"}],"has_more":false})")});
    EXPECT_TRUE(run(context, provider->upload(Turn(), testing::write_rows(directory.path() / "p", "{}\n{}"),
                                              "batchd-k.jsonl")));
    EXPECT_TRUE(create());
    EXPECT_EQ(run(context, provider->list_batches("b"))->items.size(), 1U);
    const std::vector<std::string> targets = {
        "POST /openai/files?api-version=2024-10-21 ", "GET /openai/files/file-1?api-version=2024-10-21 ",
        "POST /openai/batches?api-version=2024-10-21 ",
        "GET /openai/batches?limit=100&after=b&api-version=2024-10-21 "};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        EXPECT_TRUE(sent(i).starts_with(targets[i])) << sent(i);
        EXPECT_TRUE(has(sent(i), "\r\napi-key: resource-key-1\r\n")) << sent(i);
        EXPECT_FALSE(has(sent(i), "Authorization")) << sent(i);
    }
    EXPECT_TRUE(has(sent(0), "name=\"expires_after[seconds]\"\r\n\r\n1209600\r\n")) << sent(0);
    EXPECT_TRUE(has(sent(0), "\"batchd-k.jsonl\"\r\nContent-Type: application/octet-stream\r\n")) << sent(0);
    EXPECT_TRUE(has(sent(2), R"("endpoint":"/chat/completions")")) << sent(2);
}

TEST_F(DialectTest, NoCreateIsSentBeforeTheFileIsProcessed) {
    settings.dialect.wait_for_processed = true;
    settings.max_connections = 1;
    serve({answer(200, kPendingFile), answer(200, R"({"id":"file-1","status":"PROCESSED"})"),
           answer(200, kSomeBatch)});
    Turn turn = run(context, provider->enter(CallKind::create));
    NewBatch batch{"file-1", "/v1/chat/completions", "24h", {}};
    const auto early = run(context, provider->create(std::move(turn), std::move(batch)));
    EXPECT_EQ(early.error().kind, FailureKind::unavailable) << "nothing was sent that could cost";
    EXPECT_EQ(early.error().code, "file_not_ready");
    EXPECT_TRUE(create());
    EXPECT_TRUE(sent(1).starts_with("GET /openai/files/file-1 ")) << sent(1);
    EXPECT_TRUE(sent(2).starts_with("POST /openai/batches ")) << sent(2);
}

TEST_F(DialectTest, WhereSingleFilesAreNotShownTheCreateIsSent) {
    settings.dialect.wait_for_processed = true;
    serve({answer(404, ""), answer(200, kSomeBatch), answer(405, ""), answer(200, kSomeBatch)});
    EXPECT_TRUE(create());
    EXPECT_TRUE(create());
}

TEST_F(DialectTest, AnotherBatchsEndpointSaysNothingWhereItIsNotThatOfTheLines) {
    serve({answer(200, R"({"id":"batch_1","endpoint":"/chat/completions"})")});
    EXPECT_EQ(run(context, provider->retrieve("batch_1"))->endpoint, "/chat/completions");
    settings.dialect.create_endpoint = "/chat/completions";
    serve({answer(200, R"({"id":"batch_1","endpoint":"/chat/completions"})")});
    EXPECT_EQ(run(context, provider->retrieve("batch_1"))->endpoint, "");
}

TEST_F(DialectTest, WithoutMetadataAndWindowNeitherIsSent) {
    settings.dialect.metadata = false;
    settings.dialect.send_window = false;
    serve({answer(200, kSomeBatch)});
    EXPECT_TRUE(create());
    EXPECT_TRUE(has(sent(), R"({"input_file_id":"file-1","endpoint":"/v1/chat/completions"})")) << sent();
}

TEST_F(DialectTest, AWindowThatThereIsNotIsRefusedBeforeAnythingIsSent) {
    settings.dialect.windows = {"12h"};
    serve({});
    const auto batch = create();
    EXPECT_EQ(batch.error().kind, FailureKind::refused);
    EXPECT_TRUE(has(batch.error().message, "no completion window \"24h\"")) << batch.error().message;
    EXPECT_EQ(server->connections(), 0U);
}

TEST_F(DialectTest, ListingsThatTheConfigurationDeniesAreNotAskedFor) {
    settings.dialect.list_batches = false;
    settings.dialect.list_files = false;
    serve({answer(200, R"({"object":"list","data":[{"id":"some-model"}]})")});
    EXPECT_EQ(run(context, provider->list_batches("")).error().kind, FailureKind::unsupported);
    EXPECT_EQ(run(context, provider->list_files("")).error().kind, FailureKind::unsupported);
    EXPECT_EQ(server->connections(), 0U);
    EXPECT_TRUE(run(context, provider->knock()));
    EXPECT_TRUE(sent().starts_with("GET /openai/models ")) << sent();
}

TEST_F(DialectTest, KnocksWithFilesWhereThereIsNoListOfBatches) {
    settings.dialect.list_batches = false;
    settings.dialect.purpose = "batch-api";
    serve({answer(200, "[]")});
    EXPECT_TRUE(run(context, provider->knock()));
    EXPECT_TRUE(sent().starts_with("GET /openai/files?purpose=batch-api&limit=1 ")) << sent();
}

TEST_F(DialectTest, ACreatesAnswerMayBeWrapped) {
    settings.dialect.answer_field = "job";
    serve({answer(201, R"({"job":{"id":"batch_1","status":"VALIDATING"},"warning":null})"),
           answer(200, R"({"id":"batch_1","status":"COMPLETED"})")});
    const auto batch = create();
    ASSERT_TRUE(batch) << to_string(batch.error());
    EXPECT_EQ(batch->id, "batch_1");
    EXPECT_EQ(run(context, provider->retrieve("batch_1"))->status, BatchStatus::completed);
}

TEST_F(DialectTest, UploadsGoWhereTheServiceTakesThem) {
    settings.dialect.upload_path = "/files/upload";
    settings.dialect.filename_field = "file_name";
    serve({answer(200, kPendingFile)});
    EXPECT_TRUE(run(context, provider->upload(Turn(), testing::write_rows(directory.path() / "p", "{}"),
                                              "batchd-k.jsonl")));
    EXPECT_TRUE(sent().starts_with("POST /openai/files/upload ")) << sent();
    EXPECT_TRUE(has(sent(), "name=\"file_name\"\r\n\r\nbatchd-k.jsonl\r\n")) << sent();
}

TEST_F(DialectTest, WordsOfItsOwnAreUnderstood) {
    settings.dialect.status_words = {{"resting", "in_progress"}};
    serve({answer(200, R"({"id":"batch_1","status":"Resting"})")});
    const auto batch = run(context, provider->retrieve("batch_1"));
    EXPECT_EQ(batch->status, BatchStatus::in_progress);
    EXPECT_EQ(batch->status_word, "in_progress") << "which is what is recorded and judged by later";
}

TEST_F(DialectTest, AnotherKeyIsAnotherAccountUnlessTheAddressSaysWhoseItIs) {
    serve({});
    const Identity before = provider->identity();
    key.replace("resource-key-2");
    EXPECT_NE(provider->identity(), before);
    settings.dialect.key_names_account = false;
    serve({});
    const Identity own = provider->identity();
    key.replace("resource-key-3");
    EXPECT_EQ(provider->identity(), own);
}

TEST_F(DialectTest, NoKeyGoesToAnotherServer) {
    settings = config::defaults_of(config::Kind::azure);
    testing::ScriptedServer other({[](Peer& peer) {
        peer.read_request();
        peer.send(answer(200, "line\n"));
    }});
    serve({answer(302, "", "Location: http://127.0.0.1:" + std::to_string(other.port()) + "/blob\r\n")});
    EXPECT_TRUE(run(context, provider->download("file-1", directory.path() / "out")));
    EXPECT_TRUE(other.requests().at(0).starts_with("GET /blob ")) << other.requests().at(0);
    EXPECT_FALSE(has(other.requests().at(0), "resource-key")) << other.requests().at(0);
}

TEST_F(DialectTest, PlainHttpToAnotherMachineHasToBeAllowed) {
    settings.base_url = "http://192.0.2.1/v1";
    EXPECT_FALSE(make_openai(settings, key, context.get_executor(), pool, clock));
    settings.allow_plain_http = true;
    EXPECT_TRUE(make_openai(settings, key, context.get_executor(), pool, clock));
}

}  // namespace
}  // namespace batchd::provider
