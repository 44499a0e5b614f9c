// What stands in the result files of a batch.
#include "sim/results.hpp"

#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "sim/row_file.hpp"
#include "sim/sim_client.hpp"
#include "sim/validation.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

struct ResultsTest : ::testing::Test {
    testing::TempDir directory;
    ResultsTask task;

    void SetUp() override {
        task.row_file = directory.path() / "rows";
        task.output = directory.path() / "output";
        task.errors = directory.path() / "errors";
        task.batch_id = "batch_1";
        task.answers.endpoint = "/v1/chat/completions";
        validate_rows(chat_rows(50));
    }
    void validate_rows(std::string_view content) {
        const Validation found = validate({.input = directory.write("in.jsonl", content),
                                           .row_file = task.row_file,
                                           .endpoint = task.answers.endpoint,
                                           .rows_max = 50000})
                                     .value();
        ASSERT_TRUE(found.errors.empty());
    }
    Results write() { return write_results(task).value(); }
    /// Lines by custom_id; `count` of them in all.
    std::multimap<std::string, json::value> rows_of(const Path& path) {
        std::multimap<std::string, json::value> rows;
        std::istringstream lines(testing::slurp(path));
        for (std::string line; std::getline(lines, line);) {
            json::value row = json::parse(line);
            rows.emplace(row.at("custom_id").as_string(), row);
        }
        return rows;
    }
};

TEST_F(ResultsTest, AnswersEveryRowFromItsOwnInput) {
    const Results results = write();
    EXPECT_EQ(results.completed, 50U);
    EXPECT_EQ(results.error_bytes, 0U);
    const auto rows = rows_of(task.output);
    ASSERT_EQ(rows.size(), 50U);
    for (const auto& [custom_id, row] : rows)
        EXPECT_EQ(row.at("response").at("body").at("choices").at(0).at("message").at("content"),
                  json::string_view("Sum up " + custom_id));
}

TEST_F(ResultsTest, ShufflesRowsTheSameWayEveryTime) {
    const auto order = [&] {
        std::vector<std::string> ids;
        for (const RowEnd& end : write().ends) ids.push_back(end.custom_id);
        return ids;
    };
    const auto shuffled = order();
    EXPECT_EQ(order(), shuffled);
    task.settings.shuffle = false;
    EXPECT_NE(order(), shuffled);
}

TEST_F(ResultsTest, SomeRowsFailButNotTheSameOnesInTheNextBatch) {
    task.settings.fail_rate = 0.2;
    const auto failed = [&] {
        std::set<std::string> ids;
        for (const RowEnd& end : write().ends)
            if (end.retryable) ids.insert(end.custom_id);
        return ids;
    };
    const auto first = failed();
    EXPECT_GT(first.size(), 0U);
    EXPECT_LT(first.size(), 25U);
    EXPECT_EQ(failed(), first);
    task.batch_id = "batch_2";
    EXPECT_NE(failed(), first);
}

TEST_F(ResultsTest, PermanentFailuresAreTheSameInEveryBatchAndNotWorthRetrying) {
    task.settings.permanent_rate = 0.2;
    write();
    const auto first = rows_of(task.errors);
    task.batch_id = "batch_2";
    for (const RowEnd& end : write().ends) EXPECT_FALSE(end.retryable);
    const auto second = rows_of(task.errors);
    ASSERT_GT(first.size(), 0U);
    ASSERT_EQ(first.size(), second.size());
    for (const auto& [custom_id, row] : first) EXPECT_TRUE(second.contains(custom_id));
}

TEST_F(ResultsTest, RulesDecideForTheRowsThatTheyMatch) {
    task.settings.rows = {
        {.match = "row-1", .status = 400},         {.match = "row-2", .kind = "timeout"},
        {.match = "row-3", .kind = "status_zero"}, {.match = "row-4", .kind = "missing"},
        {.match = "row-5", .kind = "twice"},       {.match = "row-6", .kind = "misplaced", .status = 422}};
    const Results results = write();
    const auto output = rows_of(task.output), errors = rows_of(task.errors);
    EXPECT_EQ(errors.find("row-1")->second.at("response").at("status_code"), 400);
    EXPECT_EQ(errors.find("row-2")->second.at("error").at("code"), "request_timeout");
    EXPECT_EQ(errors.find("row-3")->second.at("response").at("status_code"), 0);
    EXPECT_EQ(output.count("row-4") + errors.count("row-4"), 0U);
    EXPECT_EQ(output.count("row-5"), 2U);
    EXPECT_EQ(output.find("row-6")->second.at("response").at("status_code"), 422);
    EXPECT_EQ(results.failed, 3U);
    EXPECT_EQ(results.completed, 47U);
}

TEST_F(ResultsTest, ARuleCanHoldForTheFirstRunsOnly) {
    task.settings.rows = {{.match = "*", .status = 500, .runs_max = 1}};
    EXPECT_EQ(write().failed, 50U);
    task.runs = {{"row-7", 2}};
    EXPECT_EQ(write().failed, 49U);
}

TEST_F(ResultsTest, FilesCanBeUntidy) {
    task.settings.unknown_row = task.settings.blank_line = true;
    task.settings.final_newline = false;
    write();
    const std::string text = testing::slurp(task.output);
    EXPECT_NE(text.find("nobody-sent-this"), std::string::npos);
    EXPECT_EQ(text.back(), '\n');
    EXPECT_NE(text[text.size() - 2], '\n');
}

TEST_F(ResultsTest, AnswersCanBeMadeLong) {
    task.answers.text_bytes_min = 5000;
    EXPECT_GT(write().output_bytes, 50U * 5000U);
}

TEST_F(ResultsTest, WrongParametersFailTheirRowAlone) {
    std::string rows = chat_row("good");
    std::string hot = chat_row("hot");
    hot.insert(hot.find("\"model\""), "\"temperature\":5,");
    validate_rows(rows + hot);
    write();
    const auto errors = rows_of(task.errors);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors.find("hot")->second.at("response").at("body").at("error").at("param"), "temperature");
}

}  // namespace
}  // namespace batchd::sim
