#include "report/check_report.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace batchd::report {
namespace {

namespace json = boost::json;

CheckedFile fine_file() {
    CheckedFile file;
    file.name = "in.jsonl";
    file.requests = 1200;
    file.size_bytes = 34567;
    file.batches = {{.shard = 1,
                     .endpoint = "/v1/chat/completions",
                     .model = "m",
                     .requests = 1200,
                     .size_bytes = 34567,
                     .estimated_tokens = 8000}};
    return file;
}

TEST(CheckTextTest, ShowsTheBatchesInColumns) {
    EXPECT_EQ(check_text(fine_file()),
              "in.jsonl: fine\n"
              "  1,200 requests, 34,567 bytes, about 8,000 tokens, 1 batch\n"
              "  shard    requests          bytes  tokens (est.)  endpoint, model\n"
              "      1       1,200         34,567          8,000  /v1/chat/completions, m\n");
}

TEST(CheckTextTest, ShowsWhatItMayCostWhereThePriceIsKnown) {
    CheckedFile file = fine_file();
    file.batches.push_back({.shard = 2, .endpoint = "/v1/embeddings", .model = "n", .requests = 1});
    file.batches[0].cost = 12'300'000;
    EXPECT_EQ(check_text(file),
              "in.jsonl: fine\n"
              "  1,200 requests, 34,567 bytes, about 8,000 tokens, 2 batches\n"
              "  shard    requests          bytes  tokens (est.)  USD (est.)  endpoint, model\n"
              "      1       1,200         34,567          8,000      0.0123  /v1/chat/completions, m\n"
              "      2           1              0              0           ?  /v1/embeddings, n\n");
    file.batches.pop_back();
    EXPECT_NE(check_text(file).find("8,000 tokens, 1 batch, about 0.0123 USD\n"), std::string::npos);
    EXPECT_EQ(json::parse(check_json({file})).at("files").at(0).at("batches").at(0).at("cost"), "0.0123");
}

TEST(CheckTextTest, CountsTheBadLinesThatItDoesNotName) {
    CheckedFile file = fine_file();
    file.batches.clear();
    file.is_rejected = true;
    file.bad_lines_total = 5;
    file.bad_lines = {{3, "a", "no body"}, {4, "", "no\nJSON"}};
    file.bad_lines_to_name = 2;
    EXPECT_TRUE(
        check_text(file).starts_with("in.jsonl: 5 bad lines\n"
                                     "  line 3: no body\n"
                                     "  line 4: no\\x0aJSON\n"
                                     "  and 3 more bad lines\n"))
        << check_text(file);
}

TEST(CheckTextTest, SaysWhenBadLinesDoNotKeepTheRestFromBeingSent) {
    CheckedFile file = fine_file();
    file.bad_lines_total = 1;
    EXPECT_TRUE(check_text(file).starts_with("in.jsonl: 1 bad line, which will be set aside\n"));
    EXPECT_FALSE(file.is_fine());
}

TEST(CheckTextTest, AFlawOfTheWholeFileComesFirst) {
    CheckedFile file;
    file.name = "in\033.jsonl";
    file.flaw = "it is a JSON array";
    file.mistake = jsonl::FileKind{"a JSON array", "one request a line"};
    EXPECT_EQ(check_text(file), "in\\x1b.jsonl: it is a JSON array\n");
}

TEST(CheckJsonTest, HasEachFileWithItsBatches) {
    CheckedFile unreadable;
    unreadable.name = "none.jsonl";
    unreadable.unreadable = error(Errc::not_found, "none.jsonl");
    const auto files = json::parse(check_json({fine_file(), unreadable})).at("files");
    EXPECT_TRUE(files.at(0).at("fine").as_bool());
    EXPECT_TRUE(files.at(0).at("error").is_null());
    EXPECT_EQ(files.at(0).at("estimated_tokens"), 8000);
    EXPECT_EQ(json::serialize(files.at(0).at("batches")),
              R"([{"endpoint":"/v1/chat/completions","model":"m","requests":1200,"bytes":34567,)"
              R"("estimated_tokens":8000,"cost":null}])");
    EXPECT_FALSE(files.at(1).at("fine").as_bool());
    EXPECT_TRUE(files.at(1).at("error").is_string());
}

}  // namespace
}  // namespace batchd::report
