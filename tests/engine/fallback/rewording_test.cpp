#include "engine/fallback/rewording.hpp"

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using Names = std::map<std::string, std::string>;

Terms terms_with(Names models, Names fallback_models, Names urls = {}, Names fallback_urls = {}) {
    Terms terms;
    terms.models = std::move(models);
    terms.line_urls = std::move(urls);
    terms.fallback = Fallback{"gpu", {}, std::move(fallback_models), std::move(fallback_urls)};
    return terms;
}

TEST(RewordingTest, AModelHasTheNameThatItHasThere) {
    const auto rules =
        rewording(terms_with({{"nice", "deployment-1"}, {"odd", "deployment-2"}}, {{"nice", "nice-8b"}}));
    EXPECT_EQ(jsonl::sent_model(rules, "deployment-1"), "nice-8b");
    EXPECT_EQ(jsonl::sent_model(rules, "deployment-2"), "odd") << "as it was written";
    EXPECT_EQ(jsonl::sent_model(rules, "other"), "other");
}

TEST(RewordingTest, WhatOnlyTheFallbackHasAnotherNameForWasSentAsItWasWritten) {
    EXPECT_EQ(jsonl::sent_model(rewording(terms_with({}, {{"nice", "nice-8b"}})), "nice"), "nice-8b");
}

TEST(RewordingTest, AUrlIsAsItWasWrittenOrAsItIsThere) {
    EXPECT_EQ(jsonl::sent_url(rewording(terms_with({}, {}, {{"/v1/", "/v4/"}})), "/v4/embeddings"),
              "/v1/embeddings");
    EXPECT_EQ(jsonl::sent_url(rewording(terms_with({}, {}, {{"/v1/", "/v4/"}}, {{"/v1/", "/v2/"}})),
                              "/v4/embeddings"),
              "/v2/embeddings");
}

TEST(RewordingTest, RewritesTheLinesAndKeepsWhatTheyAreKnownBy) {
    const testing::TempDir dir;
    const Path rows = dir.path() / "rows.jsonl";
    auto writer = jsonl::RowFileWriter::create(rows).value();
    const std::string head = R"({"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":")";
    writer.append(7, digest128("a"), head + R"(deployment-1","input":" x\r"}})").value();
    writer.commit().value();
    reword_rows(rows, rewording(terms_with({{"nice", "deployment-1"}}, {}))).value();
    EXPECT_EQ(testing::slurp(rows), head + R"(nice","input":" x\r"}})" + "\n");
    auto reader = jsonl::RowFileReader::open(rows).value();
    jsonl::Row row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(row.line_number, 7U);
    EXPECT_EQ(row.id, digest128("a"));
}

}  // namespace
}  // namespace batchd::engine
