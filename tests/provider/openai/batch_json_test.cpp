#include "provider/openai/batch_json.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

using namespace std::chrono_literals;

// As the live service answered in October 2025.
constexpr const char* kLiveBatch =
    R"({"id":"batch_690467101b488190972cdce590a00ae3","object":"batch","endpoint":"/v1/chat/completions","model":null,
 "errors":null,"input_file_id":"file-FqLLytrEaPH6hmSPXTr1db","completion_window":"24h","status":"validating",
 "output_file_id":null,"error_file_id":null,"created_at":1761896208,"in_progress_at":null,"expires_at":1761982608,
 "finalizing_at":null,"completed_at":null,"failed_at":null,"expired_at":null,"cancelling_at":null,"cancelled_at":null,
 "request_counts":{"total":0,"completed":0,"failed":0},
 "usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0},
 "metadata":{"testMetadataKey":"test metadata value"}})";

TEST(BatchJsonTest, ReadsTheTokensOfTheWholeBatch) {
    const auto usage = [](const std::string& text) { return parse_batch(text).value().usage; };
    EXPECT_EQ(usage(R"({"id":"b","usage":{"input_tokens":10,"output_tokens":7,"total_tokens":17,
        "input_tokens_details":{"cached_tokens":4},"output_tokens_details":{"reasoning_tokens":3}}})"),
              (money::Usage{.input = 10, .cached = 4, .output = 7, .reasoning = 3}));
    EXPECT_EQ(usage(R"({"id":"b","usage":{"input_tokens":"ten","output_tokens":-1}})"), money::Usage{});
    for (const char* silent : {R"({"id":"b"})", R"({"id":"b","usage":null})", R"({"id":"b","usage":{}})"})
        EXPECT_EQ(usage(silent), std::nullopt) << silent;
}

TEST(BatchJsonTest, ReadsABatchAsTheLiveServiceSendsIt) {
    const BatchObject batch = parse_batch(kLiveBatch).value();
    EXPECT_EQ(batch.id, "batch_690467101b488190972cdce590a00ae3");
    EXPECT_EQ(batch.status, BatchStatus::validating);
    EXPECT_EQ(batch.endpoint, "/v1/chat/completions");
    EXPECT_EQ(batch.input_file_id, "file-FqLLytrEaPH6hmSPXTr1db");
    EXPECT_EQ(batch.output_file_id, "");
    EXPECT_EQ(batch.created_at, TimePoint(1761896208s));
    EXPECT_EQ(batch.expires_at, TimePoint(1761982608s));
    EXPECT_EQ(batch.ended_at, std::nullopt);
    EXPECT_EQ(batch.metadata.at("testMetadataKey"), "test metadata value");
    EXPECT_TRUE(batch.errors.empty());
}

TEST(BatchJsonTest, ReadsAnEndedBatch) {
    const BatchObject batch =
        parse_batch(R"({"id":"b","status":"Completed","output_file_id":"f1","error_file_id":"",
        "completed_at":1761896300,"request_counts":{"total":3,"completed":2,"failed":1}})")
            .value();
    EXPECT_EQ(batch.status_word, "completed");
    EXPECT_EQ(batch.output_file_id, "f1");
    EXPECT_EQ(batch.error_file_id, "");
    EXPECT_EQ(batch.ended_at, TimePoint(1761896300s));
    EXPECT_EQ(batch.total, 3U);
    EXPECT_EQ(batch.completed, 2U);
    EXPECT_EQ(batch.failed, 1U);
}

TEST(BatchJsonTest, KeepsAWordThatItDoesNotKnow) {
    const BatchObject batch = parse_batch(R"({"id":"b","status":"PAUSED"})").value();
    EXPECT_EQ(batch.status, BatchStatus::unknown);
    EXPECT_EQ(batch.status_word, "paused");
}

TEST(BatchJsonTest, WhatHasAnotherTypeCountsAsAbsent) {
    const BatchObject batch =
        parse_batch(R"({"id":"b","status":"x","endpoint":5,"input_file_id":["f"],"created_at":"soon",
        "expires_at":-5,"completed_at":1e300,"request_counts":{"total":null,"completed":-1,"failed":"2.5"},
        "metadata":{"a":1,"b":"c","d":null},"errors":7})")
            .value();
    EXPECT_EQ(batch.endpoint, "");
    EXPECT_EQ(batch.input_file_id, "");
    EXPECT_EQ(batch.created_at, TimePoint{});
    EXPECT_EQ(batch.expires_at, std::nullopt);
    EXPECT_EQ(batch.ended_at, std::nullopt);
    EXPECT_EQ(batch.total + batch.completed + batch.failed, 0U);
    EXPECT_EQ(batch.metadata, (std::map<std::string, std::string>{{"b", "c"}}));
    EXPECT_TRUE(batch.errors.empty());
}

TEST(BatchJsonTest, CountsMayBeTexts) {
    const BatchObject batch =
        parse_batch(R"({"id":"b","request_counts":{"total":"3","completed":"2","failed":"1"}})").value();
    EXPECT_EQ(batch.total, 3U);
    EXPECT_EQ(batch.completed, 2U);
    EXPECT_EQ(batch.failed, 1U);
}

TEST(BatchJsonTest, ABatchNeedsNothingButAnId) {
    for (const char* text : {R"({"id":"b"})", R"({"id":"b","status":null})", R"({"id":"b","status":""})",
                             R"({"id":"b","status":5})", R"({"status":{"word":"completed"},"id":"b"})",
                             R"({"id":"b","status":["completed"]})"}) {
        const auto batch = parse_batch(text);
        ASSERT_TRUE(batch) << text;
        EXPECT_EQ(batch->id, "b") << text;
        EXPECT_EQ(batch->status_word, "") << text;
        EXPECT_EQ(batch->status, BatchStatus::unknown) << text;
    }
}

TEST(BatchJsonTest, IdsAreKeptByteForByteWhateverTheirLength) {
    for (const std::size_t size : {1U, 320U, 610U, 4'000U, 65'536U}) {
        const std::string id(size, 'x');
        const auto batch = parse_batch(R"({"id":")" + id + R"(","output_file_id":")" + id + "\"}");
        ASSERT_TRUE(batch) << size;
        EXPECT_EQ(batch->id, id);
        EXPECT_EQ(batch->output_file_id, id);
    }
    EXPECT_EQ(parse_file(R"({"id":"a/b=\u00e4 \\c\/"})")->id, "a/b=\xC3\xA4 \\c/");
    EXPECT_EQ(parse_file(R"({"id":")" + std::string(65'537, 'x') + "\"}"), std::nullopt);
}

TEST(BatchJsonTest, CountsBeyond64BitsAreNoCounts) {
    const BatchObject batch = parse_batch(R"({"id":"b","status":"x","created_at":99999999999999999999,
        "request_counts":{"total":99999999999999999999,"completed":18446744073709551615,"failed":1e400}})")
                                  .value();
    EXPECT_EQ(batch.created_at, TimePoint{});
    EXPECT_EQ(batch.total, 0U);
    EXPECT_EQ(batch.completed, 18446744073709551615U);
    EXPECT_EQ(batch.failed, 0U);
}

TEST(BatchJsonTest, ReadsTimesAsNumbersDigitsAndIso8601) {
    const TimePoint time(1761896208s);
    for (const char* text :
         {"1761896208", "2025-10-31T07:36:48Z", "2025-10-31T07:36:48", "2025-10-31T07:36:48.123456Z",
          "2025-10-31T08:36:48+01:00", "2025-10-31T02:06:48.5-05:30"})
        EXPECT_EQ(parse_time_text(text), time) << text;
    for (const char* text :
         {"", "0", "-5", "2025-10-31", "2025-13-31T07:36:48Z", "2025-10-31T07:36:48 CET",
          "2025-10-31T07:36:48+-1:00", "2025-10-31T07:36:48+01", "2025-10-31T07:36:48+15:00",
          "99999999999999999999", "253402300800", "1013-11-22T08:30:00Z", "1970-01-01T00:30:00+01:00",
          "9999-12-31T23:59:59-01:00"})
        EXPECT_EQ(parse_time_text(text), std::nullopt) << text;
    EXPECT_EQ(parse_batch(R"({"id":"b","status":"x","created_at":1761896208.0})")->created_at, time);
}

TEST(BatchJsonTest, ReadsValidationErrorsInEveryShape) {
    const auto errors_of = [](const std::string& json) {
        return parse_batch(R"({"id":"b","status":"failed","errors":)" + json + "}").value().errors;
    };
    const auto listed = errors_of(
        R"({"object":"list","data":[{"code":"invalid_json_line","message":"bad","param":null,"line":3},
            {"code":"token_limit_exceeded","message":"m","param":null,"line":null}]})");
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].code, "invalid_json_line");
    EXPECT_EQ(listed[0].line, 3U);
    EXPECT_EQ(listed[0].param, "");
    EXPECT_EQ(listed[1].line, std::nullopt);
    EXPECT_EQ(errors_of(R"([{"code":"x","line":0},"text"])").at(1).message, "text");
    EXPECT_EQ(errors_of(R"("all wrong")").at(0).message, "all wrong");
    EXPECT_EQ(errors_of(R"({"code":"x","message":"y"})").at(0).code, "x");
    for (const char* none : {"null", "[]", "{}", R"({"data":[]})", R"({"data":null})", "7", R"("")"})
        EXPECT_TRUE(errors_of(none).empty()) << none;
}

TEST(BatchJsonTest, RefusesWhatIsNoBatch) {
    for (const char* text :
         {"", "null", "[]", "{}", "5", R"({"status":"x"})", R"({"id":null,"status":"x"})", R"([{"id":"b"}])",
          R"({"id":{"id":"b"}})", R"({"id":5,"status":"x"})", R"({"id":"b","status":"x")",
          "<html>login</html>", R"({"id":"b","status":"x"} trailing)", "{\"id\":\"\xFF\",\"status\":\"x\"}",
          R"({"id":"b\u0000c","status":"x"})"})
        EXPECT_EQ(parse_batch(text), std::nullopt) << text;
}

TEST(BatchJsonTest, SurvivesADepthBomb) {
    const std::string bomb = R"({"id":"b","status":"x","a":)" + std::string(100'000, '[');
    EXPECT_EQ(parse_batch(bomb), std::nullopt);
}

TEST(BatchJsonTest, ReadsAFile) {
    const FileObject file =
        parse_file(R"({"object":"file","id":"file-1","purpose":"batch","filename":"in.jsonl","bytes":233,
            "created_at":1761896207,"expires_at":1764488207,"status":"processed","status_details":null})")
            .value();
    EXPECT_EQ(file.id, "file-1");
    EXPECT_EQ(file.filename, "in.jsonl");
    EXPECT_EQ(file.size_bytes, 233U);
    EXPECT_EQ(file.created_at, TimePoint(1761896207s));
    EXPECT_EQ(parse_file(R"({"filename":"x"})"), std::nullopt);
}

TEST(BatchJsonTest, ReadsPages) {
    const auto page =
        parse_batch_page(R"({"object":"list","data":[{"id":"b2","status":"x"},{"id":"b1","status":"x"}],
        "first_id":"b2","last_id":"b1","has_more":true})")
            .value();
    EXPECT_EQ(page.items.size(), 2U);
    EXPECT_TRUE(page.has_more);
    EXPECT_FALSE(parse_file_page(R"({"data":[],"has_more":"yes"})").value().has_more);
    EXPECT_EQ(parse_file_page(R"([{"id":"f"}])").value().items.size(), 1U);
    for (const char* text :
         {"", "{}", R"({"data":null})", R"({"data":{}})", R"({"data":{"a":{"id":"b"}}})", "5"})
        EXPECT_FALSE(parse_batch_page(text).has_value()) << text;
}

TEST(BatchJsonTest, EntriesOfAPageThatCannotBeReadAreCounted) {
    const auto page = parse_batch_page(
        R"({"data":[{"id":"b2"},null,5,{},[{"id":"x"}],{"id":7},{"id":""},{"metadata":{"id":"x"}},{"id":"b1"}]})");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->items[0].id, "b2");
    EXPECT_EQ(page->items[1].id, "b1");
    EXPECT_EQ(page->unreadable, 7U);
    EXPECT_EQ(parse_file_page(R"([{"id":"f"},"f"])")->unreadable, 1U);
}

TEST(BatchJsonTest, ReadsTheOutcomeOfADeletion) {
    EXPECT_EQ(parse_deletion(R"({"object":"file","deleted":true,"id":"f"})"), true);
    EXPECT_EQ(parse_deletion(R"({"deleted":false})"), false);
    EXPECT_EQ(parse_deletion(R"({"id":"f"})"), std::nullopt);
    EXPECT_EQ(parse_deletion("ok"), std::nullopt);
}

TEST(BatchJsonTest, ReadsErrorsInEveryShape) {
    const auto live =
        parse_error(
            R"({"error":{"message":"No such File object: x","type":"invalid_request_error","param":"id","code":null},
            "detail":{"message":"y","code":"z"}})")
            .value();
    EXPECT_EQ(live.message, "No such File object: x");
    EXPECT_EQ(live.type, "invalid_request_error");
    EXPECT_EQ(live.param, "id");
    EXPECT_EQ(live.code, "");
    EXPECT_EQ(parse_error(R"({"error":{"message":"m","code":400}})")->code, "400");
    EXPECT_EQ(parse_error(R"({"error":"text"})")->message, "text");
    EXPECT_EQ(parse_error(R"({"detail":"text"})")->message, "text");
    EXPECT_EQ(parse_error(R"({"detail":{"message":"m","code":"c"}})")->code, "c");
    EXPECT_EQ(parse_error(R"({"detail":[{"msg":"field required"}]})")->message,
              R"([{"msg":"field required"}])");
    EXPECT_EQ(parse_error(R"({"code":"c","message":"m"})")->message, "m");
    EXPECT_EQ(parse_error(R"({"error":null,"message":"m"})")->message, "m");
    EXPECT_EQ(parse_error(R"({"error":{"type":"server_error"}})")->type, "server_error");
    for (const char* text :
         {"", "<html>", "[]", "5", "{}", R"({"error":{}})", R"({"error":[]})", R"({"error":""})",
          R"({"error":false})", R"({"id":"b","status":"x"})", R"({"error":{"message":""}})"})
        EXPECT_FALSE(parse_error(text).has_value()) << text;
}

TEST(BatchJsonTest, WritesTheBodyOfACreation) {
    EXPECT_EQ(
        to_json(NewBatch{"file-1", "/v1/embeddings", "24h", {{"k", "a\"b"}}}),
        R"({"input_file_id":"file-1","endpoint":"/v1/embeddings","completion_window":"24h","metadata":{"k":"a\"b"}})");
    EXPECT_EQ(to_json(NewBatch{"f", "/e", "24h", {}}).find("metadata"), std::string::npos);
}

}  // namespace
}  // namespace batchd::provider
