#include "config/print.hpp"

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"

namespace batchd::config {
namespace {

const Environment kBare = fixed_environment({});
const ApiKeys kNoKey{{"", error(Errc::not_found, "no API key")}};

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(PrintTest, SaysWhereEachValueCameFrom) {
    const auto loaded = load_text("[log]\nlevel = 'debug'", "/etc/batchd/batchd.toml",
                                  fixed_environment({{"OPENAI_BASE_URL", "http://localhost:9"}}));
    const std::string text = print(loaded.value(), kNoKey);
    EXPECT_TRUE(text.starts_with("[spool]\ninbox = \"/var/spool/batchd/inbox\"  # default\n")) << text;
    EXPECT_TRUE(holds(text, "\nlevel = \"debug\"  # /etc/batchd/batchd.toml:2\n")) << text;
    EXPECT_TRUE(holds(text, "\nbase_url = \"http://localhost:9\"  # environment OPENAI_BASE_URL\n")) << text;
    EXPECT_TRUE(holds(text, "\n# keep is not set  # default\n")) << text;
    EXPECT_TRUE(holds(text, "\nmetadata = {}  # default\n")) << text;
}

TEST(PrintTest, IsReadBackAsTheSame) {
    Loaded loaded;
    Settings& s = loaded.settings;
    s.spool.inbox = "/data/a \"quoted\" \\ folder";
    s.state.keep = std::chrono::hours(36);
    s.provider.organization = "org-1";
    s.batch.metadata = {{"team", "search \"& more\""}, {"a.b", ""}};
    s.batch.enqueued_tokens = {{"gpt-4.1", 900'000}};
    s.batch.max_bytes = 12'345;
    s.retry.min_backoff = Millis(1500);
    const auto again = load_text(print(loaded, kNoKey), "printed", kBare);
    EXPECT_TRUE(changed_keys(again.value().settings, s).empty());
}

TEST(PrintTest, NeverShowsTheKey) {
    const ApiKeys keys{{"", ApiKey{"sk-secret", "the file /etc/batchd/api_key"}},
                       {"azure", error(Errc::not_found, "no API key for the provider azure")}};
    const std::string text = print(Loaded{}, keys);
    EXPECT_TRUE(
        text.ends_with("\n# API key: from the file /etc/batchd/api_key\n"
                       "# API key of azure: no API key for the provider azure\n"))
        << text;
    EXPECT_FALSE(holds(text, "sk-secret"));
}

TEST(PrintTest, SaysThatThereIsNoKey) {
    EXPECT_TRUE(print(Loaded{}, kNoKey).ends_with("\n# API key: no API key\n"));
}

constexpr std::string_view kQueues = R"([provider.azure]
kind = "azure"
base_url = "https://r.example/v1"
windows = ["24h", "7d"]
create_endpoint = ""
file_expiry = "0s"
status_words = { "in_queue" = "validating" }
max_requests = 5000
[batch]
model = "general"
[queue.nightly]
provider = "azure"
model = ""
defaults = { temperature = 0.0, stop = ["a:b", "{"] }
metadata = { team = "news" }
row_attempts = 3
[queue.silent]
)";

TEST(PrintTest, SaysWhereTheValuesOfAQueueAreFrom) {
    const auto loaded = load_text(kQueues, "f", kBare);
    const std::string text = print(loaded.value(), {});
    const std::size_t at = text.find("[queue.nightly]\n");
    ASSERT_NE(at, std::string::npos) << text;
    for (const char* line :
         {"provider = \"azure\"  # f:12\n", "# endpoint = \"/v1/chat/completions\"  # from [batch]\n",
          "model = \"\"  # f:13\n",
          "defaults = { \"temperature\" = 0.0, \"stop\" = [\"a:b\", \"{\"] }  # f:14\n",
          "# max_requests = 5000  # from [provider.azure]\n",
          "# on_invalid_line = \"reject\"  # from [spool]\n", "row_attempts = 3  # f:16\n",
          "collect = \"0ms\"  # default\n", "# schedule is not set  # default\n"})
        EXPECT_NE(text.find(line, at), std::string::npos) << line << text.substr(at);
    const std::size_t silent = text.find("[queue.silent]\n");
    EXPECT_NE(text.find("# model = \"general\"  # from [batch]\n", silent), std::string::npos);
    EXPECT_NE(text.find("# row_attempts = 3  # from [retry]\n", silent), std::string::npos);
}

TEST(PrintTest, SaysWhichValuesAProvidersKindHasSet) {
    const std::string text = print(load_text(kQueues, "f", kBare).value(), {});
    EXPECT_TRUE(holds(text, "\nauth_header = \"api-key\"  # default of the kind\n")) << text;
    EXPECT_TRUE(holds(text, "\nauth_header = \"Authorization\"  # default\n")) << text;
    EXPECT_TRUE(holds(text, "\nwindows = [\"24h\", \"7d\"]  # f:4\n")) << text;
}

TEST(PrintTest, OfProvidersAndQueuesIsReadBackAsTheSame) {
    const auto loaded = load_text(kQueues, "f", kBare);
    for (const std::string& text : {print(loaded.value(), kNoKey), print_changed(loaded.value())}) {
        const auto again = load_text(text, "printed", kBare);
        ASSERT_TRUE(again) << text;
        EXPECT_EQ(changed_keys(again->settings, loaded->settings), std::vector<std::string>{}) << text;
    }
}

TEST(PrintTest, ShowsTheProvidersLimitWhereThatOfABatchIsSilent) {
    const auto loaded = load_text("[provider]\nmax_requests = 5000", "f", kBare);
    const std::string text = print(loaded.value(), {});
    EXPECT_TRUE(holds(text, "\n# max_requests = 5000  # from [provider]\n")) << text;
    EXPECT_TRUE(holds(text, "\nmax_bytes = \"200MB\"  # default\n")) << text;
    EXPECT_TRUE(load_text(text, "printed", kBare)) << text;
}

TEST(PrintChangedTest, HasOnlyWhatDiffersFromTheDefaults) {
    EXPECT_EQ(print_changed(Loaded{}), "");
    EXPECT_EQ(print_changed(load_text("[log]\nlevel = 'info'\n[poll]\ninterval = '5s'", "f", kBare).value()),
              "[poll]\ninterval = \"5s\"  # f:4\n");
    EXPECT_EQ(print_changed(load_text(kQueues, "f", kBare).value()),
              "[provider.azure]\n"
              "kind = \"azure\"  # f:2\n"
              "base_url = \"https://r.example/v1\"  # f:3\n"
              "max_requests = 5000  # f:8\n"
              "create_endpoint = \"\"  # f:5\n"
              "windows = [\"24h\", \"7d\"]  # f:4\n"
              "file_expiry = \"0s\"  # f:6\n"
              "status_words = { \"in_queue\" = \"validating\" }  # f:7\n"
              "\n[batch]\n"
              "model = \"general\"  # f:10\n"
              "\n[queue.nightly]\n"
              "provider = \"azure\"  # f:12\n"
              "model = \"\"  # f:13\n"
              "metadata = { \"team\" = \"news\" }  # f:15\n"
              "defaults = { \"temperature\" = 0.0, \"stop\" = [\"a:b\", \"{\"] }  # f:14\n"
              "row_attempts = 3  # f:16\n"
              "\n[queue.silent]\n");
}

}  // namespace
}  // namespace batchd::config
