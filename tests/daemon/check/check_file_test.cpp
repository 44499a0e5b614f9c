#include "daemon/check/check_file.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

namespace json = boost::json;

struct CheckFileTest : ::testing::Test {
    testing::TempDir dir;
    config::Settings settings;
    money::PriceBook prices;
    std::string queue = "default";

    report::CheckedFile check(const std::string& content, const std::string& name = "in.jsonl") {
        const Path path = dir.write(name, content);
        return check_file(path.string(), path, engine::plan_offline(path, engine::terms_of(settings, queue)),
                          settings, prices);
    }
    static json::value shown(const report::CheckedFile& file) {
        return json::parse(report::check_json({file})).at("files").at(0);
    }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    static std::string line(const std::string& id) {
        return R"({"custom_id":")" + id + R"(","body":{"model":"m","messages":[]}})" + "\n";
    }
};

TEST_F(CheckFileTest, SaysThatAFileIsFineAndHowItWouldBeSplit) {
    const report::CheckedFile file = check(line("a") + line("b"));
    EXPECT_TRUE(file.is_fine());
    EXPECT_TRUE(report::check_text(file).starts_with(file.name + ": fine\n  2 requests, "))
        << report::check_text(file);
    EXPECT_TRUE(has(report::check_text(file), "/v1/chat/completions, m\n"));
    EXPECT_FALSE(has(report::check_text(file), "warning"));
    const json::value object = shown(file);
    EXPECT_EQ(object.at("fine"), true);
    EXPECT_EQ(object.at("requests"), 2);
    EXPECT_EQ(object.at("warnings"), json::array());
    EXPECT_EQ(object.at("batches").at(0).at("model"), "m");
    EXPECT_TRUE(object.at("batches").at(0).at("cost").is_null());
}

TEST_F(CheckFileTest, TheModelMayBeAmongTheDefaultsOfItsQueue) {
    const std::string without = R"({"custom_id":"a","body":{"messages":[]}})"
                                "\n";
    EXPECT_EQ(shown(check(without)).at("rejected"), true);
    settings.queues["named"].defaults = R"({"model":"m"})";
    queue = "named";
    EXPECT_EQ(shown(check(without)).at("batches").at(0).at("model"), "m");
}

TEST_F(CheckFileTest, AModelThatIsSentUnderAnotherNameHasThePriceOfItsOwn) {
    prices.own["m"].set({.kind = money::TokenKind::input}, money::parse_token_price("2e-6").value());
    prices.own["m"].set({.kind = money::TokenKind::output}, money::parse_token_price("4e-6").value());
    settings.provider.models["m"] = "dep-1";
    const json::value batch = shown(check(line("a"))).at("batches").at(0);
    EXPECT_EQ(batch.at("model"), "dep-1");
    EXPECT_FALSE(batch.at("cost").is_null());
}

TEST_F(CheckFileTest, RejectsWhatItsQueueWouldReject) {
    settings.queues["loose"].on_invalid_line = config::OnInvalidLine::skip;
    EXPECT_EQ(shown(check(line("a") + "junk\n")).at("rejected"), true);
    queue = "loose";
    const report::CheckedFile file = check(line("a") + "junk\n");
    EXPECT_EQ(shown(file).at("rejected"), false);
    EXPECT_EQ(shown(file).at("bad"), 1);
}

TEST_F(CheckFileTest, SaysTheKindOfMistakeFirstAndOnce) {
    std::string pretty = "{\n";
    for (int i = 0; i < 20; ++i) pretty += "\"k" + std::to_string(i) + "\": 1,\n";
    const report::CheckedFile file = check(pretty + "\"k\": 1\n}\n");
    const std::string text = report::check_text(file);
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

TEST_F(CheckFileTest, NamesBadLines) {
    const report::CheckedFile file =
        check(line("a") + R"({"custom_id":"b","method":"GET","body":{}})" + "\n" + line("c"));
    EXPECT_TRUE(report::check_text(file).starts_with(file.name + ": 1 bad line\n  line 2: \"method\" is"));
    const json::value bad = shown(file).at("bad_lines").at(0);
    EXPECT_EQ(bad.at("line"), 2);
    EXPECT_EQ(bad.at("custom_id"), "b");
    EXPECT_TRUE(shown(file).at("mistake").is_null());
}

TEST_F(CheckFileTest, ShowsWarningsWithTheirFirstLineAndHowManyFollow) {
    const std::string odd = R"({"url":"/v1/embeddings","body":{"model":"m","messages":[]}})";
    const report::CheckedFile file = check(line("a") + odd + "\n" + odd + "\n");
    EXPECT_TRUE(file.is_fine()) << "a warning is no mistake";
    EXPECT_TRUE(has(report::check_text(file), "  warning: line 2 and 1 more: the body has no \"input\""))
        << report::check_text(file);
    const json::value warning = shown(file).at("warnings").at(0);
    EXPECT_EQ(warning.at("line"), 2);
    EXPECT_EQ(warning.at("lines"), 2);
}

TEST_F(CheckFileTest, WarnsOfANameThatTheInboxLeavesAlone) {
    for (const char* name : {"a.json", "a.JSONL", ".a.jsonl", "a.jsonl.tmp"}) {
        const report::CheckedFile file = check(line("a"), name);
        ASSERT_EQ(file.warnings.size(), 1U) << name;
        EXPECT_TRUE(has(file.warnings[0].what, "NAME.jsonl")) << name;
        EXPECT_TRUE(shown(file).at("warnings").at(0).at("line").is_null());
    }
    EXPECT_TRUE(check_file("standard input", {}, engine::Plan{}, settings, prices).warnings.empty());
}

TEST_F(CheckFileTest, EstimatesWhatItCostsWhereThePriceIsKnown) {
    const report::CheckedFile unknown = check(line("a"));
    EXPECT_TRUE(shown(unknown).at("batches").at(0).at("cost").is_null());
    EXPECT_TRUE(shown(unknown).at("cost").is_null());
    EXPECT_FALSE(has(report::check_text(unknown), " USD\n"));
    prices.own =
        money::own_prices({{"m", {{"input_cost_per_token", "2e-6"}, {"output_cost_per_token", "6e-6"}}}})
            .value();
    const report::CheckedFile file = check(line("a"));
    // A batch costs half, and as many tokens are expected out as in.
    const auto tokens = static_cast<std::int64_t>(file.batches.at(0).estimated_tokens);
    EXPECT_EQ(file.batches.at(0).cost, tokens * 4'000);
    EXPECT_EQ(shown(file).at("cost"), shown(file).at("batches").at(0).at("cost"));
    EXPECT_TRUE(has(report::check_text(file), " USD\n")) << report::check_text(file);
}

TEST_F(CheckFileTest, TellsOfAFileThatCannotBeRead) {
    const Path path = dir.path() / "none.jsonl";
    const report::CheckedFile file = check_file(
        path.string(), path, engine::plan_offline(path, engine::terms_of(settings)), settings, prices);
    EXPECT_FALSE(file.is_fine());
    EXPECT_TRUE(has(report::check_text(file), "No such file"));
    EXPECT_TRUE(has(std::string(shown(file).at("error").as_string()), "No such file"));
}

}  // namespace
}  // namespace batchd
