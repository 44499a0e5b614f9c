#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using CommandTest = SystemTest;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_F(CommandTest, VersionAndHelpAreAnsweredWithoutAConfiguration) {
    EXPECT_EQ(bench.run({"--version"}), 0);
    EXPECT_TRUE(has(bench.output(), "batchd 0.")) << bench.output();
    EXPECT_EQ(bench.run({"--help"}), 0);
    for (const char* word : {"run", "check", "config", "--config"})
        EXPECT_TRUE(has(bench.output(), word)) << word;
}

TEST_F(CommandTest, WrongUsageEndsWithTwo) {
    EXPECT_EQ(bench.run({"run", "--nonsense"}), 2);
    EXPECT_TRUE(has(bench.log(), "--nonsense")) << bench.log();
    EXPECT_EQ(bench.run({"dance"}), 2);
    EXPECT_EQ(bench.run({"stauts"}), 2);
    EXPECT_TRUE(has(bench.log(), "did you mean status?")) << bench.log();
    EXPECT_EQ(bench.run({}), 2);
    EXPECT_EQ(bench.run({"check"}), 2);
}

TEST_F(CommandTest, AWrongConfigurationNamesFileLineAndKeyAndEndsWithSeventyEight) {
    bench.set("poll.interval", "\"1 fortnight\"");
    bench.set("batch.max_request", "5");
    EXPECT_EQ(bench.run({"run"}), 78);
    const std::string log = bench.log();
    EXPECT_TRUE(has(log, bench.configuration_file().string() + ":")) << log;
    EXPECT_TRUE(has(log, "poll.interval")) << log;
    EXPECT_TRUE(has(log, "did you mean batch.max_requests?")) << log;
    EXPECT_FALSE(std::filesystem::exists(bench.state() / "batchd.db"));
}

TEST_F(CommandTest, AMissingConfigurationFileEndsWithSeventyEight) {
    DaemonProcess batchd({.arguments = {"--config", "/nowhere/batchd.toml", "run"},
                          .environment = {},
                          .output = bench.root() / "stdout",
                          .errors = bench.root() / "stderr"});
    EXPECT_EQ(batchd.wait_for_exit(kDeadline), 78);
    EXPECT_TRUE(has(bench.log(), "/nowhere/batchd.toml")) << bench.log();
}

TEST_F(CommandTest, PlainHttpBeyondLoopbackIsRefused) {
    bench.set("provider.base_url", "\"http://api.example.com/v1\"");
    EXPECT_EQ(bench.run({"run"}), 78);
    EXPECT_TRUE(has(bench.log(), "provider.base_url")) << bench.log();
}

TEST_F(CommandTest, ConfigShowsEachValueAndWhereItIsFromButNotTheKey) {
    bench.set("batch.max_requests", "123");
    EXPECT_EQ(bench.run({"config"}), 0);
    EXPECT_TRUE(has(bench.output(), "max_requests = 123")) << bench.output();
    EXPECT_TRUE(has(bench.output(), bench.configuration_file().string())) << bench.output();
    EXPECT_TRUE(has(bench.output(), "default")) << bench.output();
}

TEST_F(CommandTest, ConfigShowsWhatDiffersFromTheDefaultsAndWhatStandsBesideIt) {
    std::filesystem::create_directory(bench.configuration_file().parent_path() / "batchd.d");
    const Path part = bench.configuration_file().parent_path() / "batchd.d/nightly.toml";
    ASSERT_TRUE(replace_file(part, "[queue.nightly]\ncollect = \"10m\"\n"));
    EXPECT_EQ(bench.run({"config", "--changed"}), 0) << bench.log();
    EXPECT_TRUE(has(bench.output(), "[queue.nightly]\ncollect = \"10m\"  # " + part.string() + ":2\n"))
        << bench.output();
    EXPECT_FALSE(has(bench.output(), "# default")) << bench.output();
}

TEST_F(CommandTest, AGroupThatIsNotThereEndsWithSeventyEight) {
    std::filesystem::create_directory(bench.configuration_file().parent_path() / "batchd.d");
    const Path part = bench.configuration_file().parent_path() / "batchd.d/nightly.toml";
    ASSERT_TRUE(replace_file(part, "[queue.nightly]\ngroup = \"no-such-group\"\n"));
    EXPECT_EQ(bench.run({"config"}), 78);
    EXPECT_TRUE(has(bench.log(), part.string() + ":2: queue.nightly.group is \"no-such-group\""))
        << bench.log();
}

TEST_F(CommandTest, CheckShowsThePlanOfAGoodFile) {
    bench.set("batch.max_requests", "2");
    const Path file = bench.root() / "good.jsonl";
    ASSERT_TRUE(replace_file(file, articles(5)));
    EXPECT_EQ(bench.run({"check", file.string()}), 0);
    EXPECT_TRUE(has(bench.output(), file.string() + ": fine")) << bench.output();
    EXPECT_TRUE(has(bench.output(), "5 requests")) << bench.output();
    EXPECT_TRUE(has(bench.output(), "3 batches")) << bench.output();
    EXPECT_TRUE(has(bench.output(), "/v1/chat/completions, gpt-4o-mini")) << bench.output();
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 0U);
}

TEST_F(CommandTest, CheckNamesTheBadLinesOfABadFile) {
    const Path good = bench.root() / "good.jsonl", bad = bench.root() / "bad.jsonl";
    ASSERT_TRUE(replace_file(good, articles(1)));
    ASSERT_TRUE(replace_file(bad, file_of({chat_line("a"), "no JSON", chat_line("a")})));
    EXPECT_EQ(bench.run({"check", bad.string(), good.string()}), 1);
    EXPECT_TRUE(has(bench.output(), "line 2: ")) << bench.output();
    EXPECT_TRUE(has(bench.output(), R"(line 3: custom_id "a" was already used on line 1)")) << bench.output();
    EXPECT_TRUE(has(bench.output(), good.string() + ": fine")) << bench.output();
}

TEST_F(CommandTest, CheckSaysTheKindOfMistakeOnce) {
    const Path file = bench.root() / "array.jsonl";
    ASSERT_TRUE(replace_file(file, "[\n" + chat_line("a") + ",\n" + chat_line("b") + "\n]\n"));
    EXPECT_EQ(bench.run({"check", file.string()}), 1);
    EXPECT_TRUE(bench.output().starts_with(file.string() + ": it is a JSON array; ")) << bench.output();
    EXPECT_EQ(bench.output().find("jq -c"), bench.output().rfind("jq -c")) << bench.output();
}

TEST_F(CommandTest, CheckWarnsOfWhatTheProviderWillRefuseAndOfANameThatIsLeftAlone) {
    const Path file = bench.root() / "requests.json";
    ASSERT_TRUE(replace_file(file, file_of({R"({"custom_id":"a","body":{"model":"m","input":"x"}})"})));
    EXPECT_EQ(bench.run({"check", file.string()}), 0);
    EXPECT_TRUE(has(bench.output(), "warning: line 1: the body has no \"messages\"")) << bench.output();
    EXPECT_TRUE(has(bench.output(), "does not end in .jsonl")) << bench.output();
}

TEST_F(CommandTest, CheckHasAFormForPrograms) {
    const Path file = bench.root() / "mixed.jsonl";
    ASSERT_TRUE(replace_file(file, file_of({chat_line("a"), chat_line("b"), chat_line("a")})));
    EXPECT_EQ(bench.run({"check", "--json", file.string()}), 1);
    const auto shown = boost::json::parse(bench.output()).at("files").at(0);
    EXPECT_EQ(shown.at("file").as_string(), file.string());
    EXPECT_EQ(shown.at("requests"), 2);
    EXPECT_EQ(shown.at("bad"), 1);
    EXPECT_EQ(shown.at("bad_lines").at(0).at("line"), 3);
    EXPECT_TRUE(shown.at("mistake").is_null());
    EXPECT_EQ(shown.at("batches").at(0).at("requests"), 2);
    EXPECT_GT(std::stod(std::string(shown.at("batches").at(0).at("cost").as_string())), 0.0);
    ASSERT_TRUE(replace_file(file, file_of({chat_line("a", "unheard-of")})));
    EXPECT_EQ(bench.run({"check", "--json", file.string()}), 0);
    const std::string both = bench.output();
    const auto unknown = boost::json::parse(both.substr(both.find('\n') + 1)).at("files").at(0);
    EXPECT_TRUE(unknown.at("batches").at(0).at("cost").is_null());
}

TEST_F(CommandTest, CheckOfAFileThatIsNotThereEndsWithOne) {
    EXPECT_EQ(bench.run({"check", "/nowhere.jsonl"}), 1);
    EXPECT_TRUE(has(bench.output(), "/nowhere.jsonl")) << bench.output();
}

TEST_F(CommandTest, ASecondDaemonOnTheSameStateNamesTheFirstAndEnds) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    DaemonProcess second({.arguments = {"--config", bench.configuration_file().string(), "run"},
                          .environment = {},
                          .output = bench.root() / "second-stdout",
                          .errors = bench.root() / "second-stderr"});
    EXPECT_EQ(second.wait_for_exit(kDeadline), 1);
    const std::string complaint = slurp(bench.root() / "second-stderr");
    EXPECT_TRUE(has(complaint, std::to_string(bench.daemon().pid()))) << complaint;
    EXPECT_TRUE(bench.daemon().runs());
    EXPECT_EQ(bench.stop(), 0);
}

TEST_F(CommandTest, TheLockOfADaemonThatWasKilledIsNoObstacle) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.daemon().kill();
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 0);
}

TEST_F(CommandTest, AJournalThatIsAnothersGetsNoPriorities) {
    bench.environment()["JOURNAL_STREAM"] = "8:12345";
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.log().find("<6>"), std::string::npos) << bench.log();
}

TEST_F(CommandTest, EveryLogLineOfAJobNamesTheJobAndOfABatchItsId) {
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
    const std::string id = bench.database().value("SELECT batch_id FROM batches");
    EXPECT_TRUE(has(bench.log(), "job_claimed job=articles")) << bench.log();
    EXPECT_TRUE(has(bench.log(), "batch_created job=articles batch=" + id)) << bench.log();
    EXPECT_TRUE(has(bench.log(), "job_delivered job=articles")) << bench.log();
}

}  // namespace
}  // namespace batchd::testing
