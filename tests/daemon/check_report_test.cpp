#include "check_report.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

namespace json = boost::json;

struct CheckReportTest : ::testing::Test {
    testing::TempDir dir;
    config::Settings settings;

    CheckedFile check(const std::string& content, const std::string& name = "in.jsonl") {
        const Path path = dir.write(name, content);
        return check_file(path.string(), path, engine::plan_offline(path, engine::terms_of(settings)),
                          settings);
    }
    static json::value shown(const CheckedFile& file) {
        return json::parse(check_json({file})).at("files").at(0);
    }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    static std::string line(const std::string& id) {
        return R"({"custom_id":")" + id + R"(","body":{"model":"m","messages":[]}})" + "\n";
    }
};

TEST_F(CheckReportTest, SaysThatAFileIsFineAndHowItWouldBeSplit) {
    const CheckedFile file = check(line("a") + line("b"));
    EXPECT_TRUE(file.is_fine());
    EXPECT_TRUE(check_text(file).starts_with(file.name + ": fine\n  2 requests, ")) << check_text(file);
    EXPECT_TRUE(has(check_text(file), "/v1/chat/completions, m\n"));
    EXPECT_FALSE(has(check_text(file), "warning"));
    const json::value object = shown(file);
    EXPECT_EQ(object.at("fine"), true);
    EXPECT_EQ(object.at("requests"), 2);
    EXPECT_EQ(object.at("warnings"), json::array());
    EXPECT_EQ(object.at("batches").at(0).at("model"), "m");
    EXPECT_TRUE(object.at("batches").at(0).at("cost").is_null());
}

TEST_F(CheckReportTest, SaysTheKindOfMistakeFirstAndOnce) {
    std::string pretty = "{\n";
    for (int i = 0; i < 20; ++i) pretty += "\"k" + std::to_string(i) + "\": 1,\n";
    const CheckedFile file = check(pretty + "\"k\": 1\n}\n");
    const std::string text = check_text(file);
    EXPECT_FALSE(file.is_fine());
    EXPECT_TRUE(text.starts_with(file.name + ": it is pretty-printed JSON")) << text;
    EXPECT_TRUE(has(text, "  line 3: "));
    EXPECT_FALSE(has(text, "line 4: ")) << text;
    EXPECT_FALSE(has(text, "0 requests")) << text;
    const json::value object = shown(file);
    EXPECT_TRUE(has(std::string(object.at("mistake").at("remedy").as_string()), "jq -c . FILE"));
    EXPECT_EQ(object.at("bad"), 23);
    EXPECT_EQ(object.at("rejected"), true);
}

TEST_F(CheckReportTest, NamesBadLines) {
    const CheckedFile file =
        check(line("a") + R"({"custom_id":"b","method":"GET","body":{}})" + "\n" + line("c"));
    EXPECT_TRUE(check_text(file).starts_with(file.name + ": 1 bad line\n  line 2: \"method\" is"));
    const json::value bad = shown(file).at("bad_lines").at(0);
    EXPECT_EQ(bad.at("line"), 2);
    EXPECT_EQ(bad.at("custom_id"), "b");
    EXPECT_TRUE(shown(file).at("mistake").is_null());
}

TEST_F(CheckReportTest, ShowsWarningsWithTheirFirstLineAndHowManyFollow) {
    const std::string odd = R"({"url":"/v1/embeddings","body":{"model":"m","messages":[]}})";
    const CheckedFile file = check(line("a") + odd + "\n" + odd + "\n");
    EXPECT_TRUE(file.is_fine()) << "a warning is no mistake";
    EXPECT_TRUE(has(check_text(file), "  warning: line 2 and 1 more: the body has no \"input\""))
        << check_text(file);
    const json::value warning = shown(file).at("warnings").at(0);
    EXPECT_EQ(warning.at("line"), 2);
    EXPECT_EQ(warning.at("lines"), 2);
}

TEST_F(CheckReportTest, WarnsOfANameThatTheInboxLeavesAlone) {
    for (const char* name : {"a.json", "a.JSONL", ".a.jsonl", "a.jsonl.tmp"}) {
        const CheckedFile file = check(line("a"), name);
        ASSERT_EQ(file.warnings.size(), 1U) << name;
        EXPECT_TRUE(has(file.warnings[0].what, "NAME.jsonl")) << name;
        EXPECT_TRUE(shown(file).at("warnings").at(0).at("line").is_null());
    }
    EXPECT_TRUE(check_file("standard input", {}, engine::Plan{}, settings).warnings.empty());
}

TEST_F(CheckReportTest, TellsOfAFileThatCannotBeRead) {
    const Path path = dir.path() / "none.jsonl";
    const CheckedFile file =
        check_file(path.string(), path, engine::plan_offline(path, engine::terms_of(settings)), settings);
    EXPECT_FALSE(file.is_fine());
    EXPECT_TRUE(has(check_text(file), "No such file"));
    EXPECT_TRUE(has(std::string(shown(file).at("error").as_string()), "No such file"));
}

}  // namespace
}  // namespace batchd
