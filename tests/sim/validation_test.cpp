#include "sim/validation.hpp"

#include <gtest/gtest.h>

#include "sim/row_file.hpp"
#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

struct ValidationTest : ::testing::Test {
    testing::TempDir directory;
    ValidationTask task{.input = {},
                        .row_file = directory.path() / "rows",
                        .endpoint = "/v1/chat/completions",
                        .rows_max = 50000};

    Validation validate_text(std::string_view text) {
        task.input = directory.write("in.jsonl", text);
        return validate(task).value();
    }
};

struct BadLine {
    const char* line;
    const char* code;
    const char* param;
};

struct BadLineTest : ValidationTest, ::testing::WithParamInterface<BadLine> {};

TEST_P(BadLineTest, IsNamedWithCodeParamAndLine) {
    const Validation found = validate_text(chat_row("first") + GetParam().line + "\n" + chat_row("last"));
    ASSERT_EQ(found.errors.size(), 1U);
    EXPECT_EQ(found.errors[0].code, GetParam().code);
    EXPECT_EQ(found.errors[0].param, GetParam().param);
    EXPECT_EQ(found.errors[0].line, 2U);
}

#define ROW(id, url, body) R"({"custom_id":)" id R"(,"method":"POST","url":)" url R"(,"body":)" body "}"
#define CHAT(body) ROW("\"a\"", "\"/v1/chat/completions\"", body)

INSTANTIATE_TEST_SUITE_P(
    ValidationTest, BadLineTest,
    ::testing::Values(BadLine{"{\"custom_id\":", "invalid_json_line", ""},
                      BadLine{"", "invalid_json_line", ""}, BadLine{"[1]", "invalid_json_line", ""},
                      BadLine{"{} {}", "invalid_json_line", ""},
                      BadLine{R"({"method":"POST","url":"/v1/chat/completions","body":{}})",
                              "missing_required_parameter", "custom_id"},
                      BadLine{R"({"custom_id":"a","url":"/v1/chat/completions","body":{}})",
                              "missing_required_parameter", "method"},
                      BadLine{R"({"custom_id":"a","method":"POST","body":{}})", "missing_required_parameter",
                              "url"},
                      BadLine{R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions"})",
                              "missing_required_parameter", "body"},
                      BadLine{ROW("7", "\"/v1/chat/completions\"", "{}"), "invalid_type", "custom_id"},
                      BadLine{ROW("\"a\"", "\"/v1/embeddings\"", "{}"), "invalid_url", "url"},
                      BadLine{ROW("\"first\"", "\"/v1/chat/completions\"", R"({"model":"m","messages":[]})"),
                              "duplicate_custom_id", "custom_id"},
                      BadLine{CHAT("{}"), "invalid_request", "body.model"},
                      BadLine{CHAT(R"({"model":"other","messages":[]})"), "mismatched_model", "body.model"},
                      BadLine{CHAT(R"({"model":"m"})"), "invalid_request", "body.messages"},
                      BadLine{CHAT(R"({"model":"m","messages":[],"stream":true})"), "streaming_unsupported",
                              "body.stream"}));

TEST_F(ValidationTest, KeepsTheRowsOfAGoodFile) {
    const Validation found = validate_text(chat_rows(3));
    EXPECT_TRUE(found.errors.empty());
    EXPECT_EQ(found.model, "m");
    EXPECT_EQ(found.custom_ids, (std::vector<std::string>{"row-1", "row-2", "row-3"}));
    const auto rows = read_row_file(task.row_file).value();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[2].text, "Sum up row-3");
}

TEST_F(ValidationTest, TakesCrLfAndAMissingLastNewline) {
    std::string text = chat_row("a") + chat_row("b");
    text.insert(text.find('\n'), "\r");
    text.pop_back();
    EXPECT_TRUE(validate_text(text).errors.empty());
}

TEST_F(ValidationTest, NamesEveryBadLineOrOnlyTheFirst) {
    EXPECT_EQ(validate_text("x\ny\nz\n").errors.size(), 3U);
    task.first_error_only = true;
    EXPECT_EQ(validate_text("x\ny\nz\n").errors.size(), 1U);
}

TEST_F(ValidationTest, RefusesOneRowTooMany) {
    task.rows_max = 3;
    EXPECT_TRUE(validate_text(chat_rows(3)).errors.empty());
    const Validation found = validate_text(chat_rows(4));
    ASSERT_EQ(found.errors.size(), 1U);
    EXPECT_EQ(found.errors[0].line, std::nullopt);
}

TEST_F(ValidationTest, DoesNotKnowModelsItWasToldNotToKnow) {
    task.unknown_models = {"m"};
    EXPECT_EQ(validate_text(chat_rows(1)).errors.at(0).code, "model_not_found");
}

TEST_F(ValidationTest, CountsEachElementOfAnEmbeddingInput) {
    task.endpoint = "/v1/embeddings";
    std::string inputs = "\"x\"";
    for (int i = 1; i < 50000; ++i) inputs += ",\"x\"";
    const std::string body = R"({"model":"m","input":[)" + inputs;
    const auto row = [&](const std::string& end) {
        return R"({"custom_id":"a","method":"POST","url":"/v1/embeddings","body":)" + body + end + "]}}\n";
    };
    EXPECT_TRUE(validate_text(row("")).errors.empty());
    EXPECT_EQ(validate_text(row(",\"x\"")).errors.size(), 1U);
}

}  // namespace
}  // namespace batchd::sim
