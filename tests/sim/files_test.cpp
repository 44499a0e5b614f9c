// The Files API over HTTP.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

/// The parts of a form; empty ones are left out.
struct Form {
    std::string purpose = "batch";
    std::string content = chat_rows(1);
    std::string anchor, seconds;
    std::string file_params = "; filename=\"in.jsonl\"";
};

std::string field(const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}

std::string body_of(const Form& form) {
    std::string body;
    if (!form.purpose.empty()) body += field("purpose", form.purpose);
    if (!form.anchor.empty()) body += field("expires_after[anchor]", form.anchor);
    if (!form.seconds.empty()) body += field("expires_after[seconds]", form.seconds);
    body += "--b\r\nContent-Disposition: form-data; name=\"file\"" + form.file_params + "\r\n\r\n" +
            form.content + "\r\n";
    return body + "--b--\r\n";
}

struct FilesTest : ::testing::Test {
    SimFixture sim;
    Answer upload(const Form& form) {
        return send(sim.server().port(), {.method = "POST",
                                          .path = "/v1/files",
                                          .body = body_of(form),
                                          .content_type = "multipart/form-data; boundary=b"});
    }
    std::string message(const Form& form) {
        const Answer answer = upload(form);
        EXPECT_EQ(answer.status, 400U);
        const json::value body = answer.json();
        EXPECT_EQ(body.at("detail").at("message"), body.at("error").at("message"));
        return std::string(body.at("error").at("message").as_string());
    }
};

TEST_F(FilesTest, AnUploadIsKeptByteForByte) {
    const Answer answer = upload({.content = "{}\r\n\r\n--c\n\xc3\xa4"});
    const json::value file = answer.json();
    EXPECT_EQ(file.at("bytes"), 12);
    EXPECT_EQ(file.at("expires_at"), file.at("created_at").as_int64() + 2592000);
    EXPECT_EQ(sim.content(file.at("id")), "{}\r\n\r\n--c\n\xc3\xa4");
}

TEST_F(FilesTest, OtherPurposesNeedNoJsonAndDoNotExpire) {
    EXPECT_TRUE(upload({.purpose = "vision", .content = "\xff"}).json().at("expires_at").is_null());
}

TEST_F(FilesTest, RefusesWhatTheServiceRefuses) {
    EXPECT_EQ(message({.purpose = "world_domination"}),
              "'world_domination' is not one of ['fine-tune', 'assistants', 'batch', 'user_data', 'vision', "
              "'evals'] - "
              "'purpose'");
    EXPECT_EQ(message({.purpose = ""}), "'purpose' is a required property");
    for (const char* content : {"", "no JSON", "\n{}", "{\"a\":\n1}"})
        EXPECT_EQ(message({.content = content}), "Invalid file format for Batch API. Must be .jsonl")
            << content;
    EXPECT_EQ(message({.content = "\xff\xfe{"}), "Invalid file for Batch API. Must be utf-8 encoded");
    message({.file_params = ""});
    message({.anchor = "created_at"});
    message({.seconds = "3600"});
    message({.anchor = "created_at", .seconds = "3599"});
    message({.anchor = "created_at", .seconds = "2592001"});
    message({.anchor = "created_at", .seconds = "1h"});
    message({.anchor = "now", .seconds = "3600"});
}

TEST_F(FilesTest, TheSizeLimitIsExact) {
    sim.server().change_settings(R"({"file_bytes_max":10})");
    EXPECT_EQ(upload({.content = "{}        "}).status, 200U);
    EXPECT_EQ(message({.content = "{}         "}), "File is too large.");
}

TEST_F(FilesTest, ARefusedUploadLeavesNothingBehind) {
    message({.content = "no JSON"});
    EXPECT_TRUE(std::filesystem::is_empty(sim.directory() / "files"));
    EXPECT_TRUE(sim.get("/v1/files").json().at("data").as_array().empty());
}

TEST_F(FilesTest, ABodyThatEndsTooEarlyIsRefused) {
    const Answer answer = send(sim.server().port(), {.method = "POST",
                                                     .path = "/v1/files",
                                                     .body = "--b\r\n",
                                                     .content_type = "multipart/form-data; boundary=b"});
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(sim.post("/v1/files", "{}").status, 400U);
}

TEST_F(FilesTest, AFileGoesAwayWhenItsTimeIsOver) {
    const json::value file = upload({.anchor = "created_at", .seconds = "3600"}).json();
    const std::string path = "/v1/files/" + std::string(file.at("id").as_string());
    sim.advance(3599);
    EXPECT_EQ(sim.get(path).status, 200U);
    sim.advance(1);
    EXPECT_EQ(sim.get(path).status, 404U);
}

TEST_F(FilesTest, ServesRangesWhenItIsToldTo) {
    const json::value file = upload({.content = "{\"abc\":1}\n"}).json();
    const std::string path = "/v1/files/" + std::string(file.at("id").as_string()) + "/content";
    const auto ranged = [&](const std::string& if_range) {
        return send(
            sim.server().port(),
            {.path = path,
             .fields = {{"Authorization", "Bearer sk-sim"}, {"Range", "bytes=2-4"}, {"If-Range", if_range}}});
    };
    EXPECT_EQ(ranged("\"x\"").status, 200U);
    sim.server().change_settings(R"({"ranges":true})");
    const std::string etag = sim.get(path).fields.at("etag");
    const Answer part = ranged(etag);
    EXPECT_EQ(part.status, 206U);
    EXPECT_EQ(part.body, "abc");
    EXPECT_EQ(part.fields.at("content-range"), "bytes 2-4/10");
    EXPECT_EQ(ranged("\"other\"").status, 200U);
}

TEST_F(FilesTest, TheKeyIsAskedForBeforeAnythingElse) {
    Call call{.path = "/v1/nothing", .fields = {}};
    EXPECT_EQ(send(sim.server().port(), call).status, 401U);
    call.fields = {{"Authorization", "Bearer wrong"}};
    EXPECT_EQ(send(sim.server().port(), call).json().at("error").at("code"), "invalid_api_key");
    sim.server().set_key("wrong");
    EXPECT_EQ(send(sim.server().port(), call).status, 404U);
    EXPECT_EQ(send(sim.server().port(), {.method = "PUT", .path = "/v1/files", .fields = call.fields}).status,
              405U);
}

}  // namespace
}  // namespace batchd::sim
