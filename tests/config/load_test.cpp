#include "config/load.hpp"

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"
#include "config/problems.hpp"
#include "support/temp_dir.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;
using testing::TempDir;

TEST(LoadTest, PutsEachValueWhereItBelongs) {
    const auto loaded = load_only(R"(
[spool]
inbox = "/data/in/"
scan_interval = "5s"
on_invalid_line = "skip"
[state]
keep = "90d"
[provider]
base_url = "https://example.org/v1/"
max_connections = 8
delete_files = true
[batch]
model = "m"
max_bytes = "1MB"
[batch.metadata]
team = "search"
[batch.enqueued_tokens]
"gpt-4.1" = 900000
[retry]
row_attempts = 5
[log]
level = "error"
)");
    ASSERT_TRUE(loaded);
    const Settings& s = loaded->settings;
    EXPECT_EQ(s.spool.inbox, "/data/in");
    EXPECT_EQ(s.spool.scan_interval, 5s);
    EXPECT_EQ(s.spool.on_invalid_line, OnInvalidLine::skip);
    EXPECT_EQ(s.state.keep, 90 * 24h);
    EXPECT_EQ(s.provider.base_url, "https://example.org/v1");
    EXPECT_EQ(s.provider.max_connections, 8U);
    EXPECT_TRUE(s.provider.delete_files);
    EXPECT_EQ(s.batch.model, "m");
    EXPECT_EQ(s.batch.max_bytes, 1'000'000U);
    EXPECT_EQ(s.batch.metadata, (std::map<std::string, std::string>{{"team", "search"}}));
    EXPECT_EQ(s.batch.enqueued_tokens, (std::map<std::string, std::uint64_t>{{"gpt-4.1", 900'000}}));
    EXPECT_EQ(s.retry.row_attempts, 5U);
    EXPECT_EQ(s.log.level, LogLevel::error);
    EXPECT_EQ(loaded->sources.at("batch.metadata"), "batchd.toml:15");
}

TEST(LoadTest, HasADefaultForEveryKey) {
    const auto loaded = load_only("");
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(loaded->sources.empty());
    EXPECT_TRUE(changed_keys(loaded->settings, Settings{}).empty());
}

TEST(LoadTest, SaysWhatWouldBeRight) {
    EXPECT_EQ(problems("[spool]\nscan_interval = \"30\""),
              "batchd.toml:2: spool.scan_interval is \"30\": must be a duration from 100ms to 1h, such as "
              "\"500ms\", "
              "\"60s\", \"45m\" or \"24h\"\n");
    EXPECT_EQ(
        problems("log.level = 'loud'"),
        "batchd.toml:1: log.level is \"loud\": must be \"debug\" or \"info\" or \"warning\" or \"error\"\n");
}

TEST(LoadTest, TellsAllProblemsInTheOrderOfTheFile) {
    EXPECT_EQ(
        problems("[retry]\nrow_attempts = 0\n[log]\nlevel = 1\n[poll]\ninterval = 'x'\nfoo_bar_baz = 1\n"),
        "batchd.toml:2: retry.row_attempts is 0: must be a whole number from 1 to 20\n"
        "batchd.toml:4: log.level is 1: must be \"debug\" or \"info\" or \"warning\" or \"error\"\n"
        "batchd.toml:6: poll.interval is \"x\": must be a duration from 100ms to 24h, such as \"500ms\", "
        "\"60s\", "
        "\"45m\" or \"24h\"\n"
        "batchd.toml:7: poll.foo_bar_baz is not a key of batchd: remove it; `batchd config` shows those that "
        "there "
        "are\n");
}

TEST(LoadTest, SuggestsTheKeyThatWasMeant) {
    struct Typo {
        const char* toml;
        const char* meant;
    };
    for (const Typo& typo :
         {Typo{"[spool]\ninbx = '/a'", "spool.inbox"}, Typo{"[spol]\ninbox = '/a'", "spool"},
          Typo{"scan_interval = '1s'", "spool.scan_interval"},
          Typo{"[poll]\nscan_interval = '1s'", "spool.scan_interval"},
          Typo{"[provider]\nmax_connection = 1", "provider.max_connections"},
          Typo{"[retry]\nmax_attempts = 1", "retry.row_attempts"}})
        EXPECT_TRUE(contains(problems(typo.toml), std::string("did you mean ") + typo.meant + "?"))
            << problems(typo.toml);
}

TEST(LoadTest, NeverShowsAnApiKeyThatSomebodyPutIntoTheFile) {
    const std::string text = problems("[provider]\napi_key = 'sk-secret'\n");
    EXPECT_TRUE(contains(text, "named by api_key_file")) << text;
    EXPECT_TRUE(contains(text, "\"none\", for a server without keys")) << text;
    EXPECT_FALSE(contains(text, "sk-secret")) << text;
    EXPECT_FALSE(contains(problems("[provider]\nbase_url = 'https://u:sk-secret@h/v1'"), "sk-secret"));
}

TEST(LoadTest, WantsATableForASection) {
    EXPECT_EQ(problems("spool = 3"), "batchd.toml:1: spool is 3: must be a table, [spool]\n");
    EXPECT_TRUE(contains(problems("[[spool]]\ninbox = '/a'"), "spool is an array: must be a table, [spool]"));
}

TEST(LoadTest, LimitsMetadataAsTheProviderDoes) {
    const auto pairs = [](int count) {
        std::string toml = "[batch.metadata]\n";
        for (int i = 0; i < count; ++i) toml += "k" + std::to_string(i) + " = 'v'\n";
        return problems(toml);
    };
    EXPECT_EQ(pairs(14), "");
    EXPECT_TRUE(contains(pairs(15), "batchd.toml:1: batch.metadata has 15 pairs: must be at most 14"));
    const auto pair = [](const std::string& name, const std::string& value) {
        return problems("[batch.metadata]\n\"" + name + "\" = \"" + value + "\"");
    };
    const auto repeated = [](const std::string& character, int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += character;
        return text;
    };
    EXPECT_EQ(pair(repeated("é", 64), repeated("é", 512)), "");
    EXPECT_TRUE(contains(pair(repeated("é", 65), "v"), "must be 1 to 64 characters"));
    EXPECT_TRUE(contains(pair("k", repeated("é", 513)), "must be a string of at most 512 characters"));
}

TEST(LoadTest, ExplainsWhyAModelWithADotNeedsQuotes) {
    EXPECT_EQ(problems("[batch.enqueued_tokens]\ngpt-4.1 = 900000"),
              "batchd.toml:2: batch.enqueued_tokens.gpt-4 is a table: write a model's name in quotes where "
              "it has a dot, "
              "such as \"gpt-4.1\" = 900000\n");
}

TEST(LoadTest, RefusesBackoffsThatDoNotFitTogether) {
    EXPECT_EQ(problems("[retry]\nmin_backoff = '10m'"),
              "batchd.toml:2: retry.min_backoff is 10m: must not be above retry.max_backoff, 5m\n");
    EXPECT_EQ(problems("[retry]\nmax_backoff = '1ms'"),
              "batchd.toml: retry.min_backoff is 1s: must not be above retry.max_backoff, 1ms\n");
    EXPECT_EQ(problems("[retry]\nmin_backoff = '5m'"), "");
}

TEST(LoadTest, RefusesOneFolderForTwoThings) {
    EXPECT_EQ(problems("[spool]\ninbox = '/data'\noutbox = '/data/x/../'"),
              "batchd.toml:3: spool.outbox is /data, as spool.inbox: must be a folder of its own\n");
}

TEST(LoadTest, NamesTheColumnOfASyntaxError) {
    const std::string text = problems("[spool]\ninbox = /a\n");
    EXPECT_TRUE(text.starts_with("batchd.toml:2:9: not valid TOML: ")) << text;
    EXPECT_TRUE(contains(problems("a = 1\na = 2\n"), "batchd.toml:2:"));
    EXPECT_TRUE(contains(problems("a = \"\xff\""), "not valid TOML"));
    EXPECT_NE(problems(std::string(100'000, '[')), "");
}

TEST(LoadTest, TakesTheBaseUrlFromTheEnvironmentWhereTheFileIsSilent) {
    const Environment environment = fixed_environment({{"OPENAI_BASE_URL", "http://localhost:9/v1"}});
    const auto from_environment = load_only("", environment);
    ASSERT_TRUE(from_environment);
    EXPECT_EQ(from_environment->settings.provider.base_url, "http://localhost:9/v1");
    EXPECT_EQ(from_environment->sources.at("provider.base_url"), "environment OPENAI_BASE_URL");
    const auto from_file = load_only("[provider]\nbase_url = 'https://example.org'", environment);
    ASSERT_TRUE(from_file);
    EXPECT_EQ(from_file->settings.provider.base_url, "https://example.org");
}

TEST(LoadTest, ChecksTheBaseUrlOfTheEnvironmentToo) {
    const std::string text = problems("", fixed_environment({{"OPENAI_BASE_URL", "http://example.org"}}));
    EXPECT_TRUE(text.starts_with(
        "environment OPENAI_BASE_URL: provider.base_url is \"http://example.org\": must be "))
        << text;
}

TEST(LoadTest, ReadsTheFileThatIsNamed) {
    const TempDir dir;
    const Path path = dir.write("my.toml", "[log]\nlevel = 'debug'\n");
    const auto loaded = load(path, kNothing);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.log.level, LogLevel::debug);
    EXPECT_EQ(loaded->sources.at("log.level"), path.string() + ":2");
}

TEST(LoadTest, WantsTheFileThatIsNamed) {
    const auto loaded = load(Path("/nonexistent/my.toml"), kNothing);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(to_string(loaded.error().front()),
              "/nonexistent/my.toml: can't be read: open /nonexistent/my.toml: No such file or directory");
}

TEST(LoadTest, RefusesAFileThatCanNotBeAConfiguration) {
    const TempDir dir;
    EXPECT_FALSE(load(dir.write("big.toml", std::string(2'000'000, '#')), kNothing));
    EXPECT_FALSE(load(dir.path(), kNothing));
}

}  // namespace
}  // namespace batchd::config
