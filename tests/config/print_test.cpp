#include "config/print.hpp"

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"

namespace batchd::config {
namespace {

const Environment kBare = fixed_environment({});
const Result<ApiKey> kNoKey = error(Errc::not_found, "no API key");

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
    const Result<ApiKey> key = ApiKey{"sk-secret", "the file /etc/batchd/api_key"};
    const std::string text = print(Loaded{}, key);
    EXPECT_TRUE(text.ends_with("\n# API key: from the file /etc/batchd/api_key\n")) << text;
    EXPECT_FALSE(holds(text, "sk-secret"));
}

TEST(PrintTest, SaysThatThereIsNoKey) {
    EXPECT_TRUE(print(Loaded{}, kNoKey).ends_with("\n# API key: no API key\n"));
}

}  // namespace
}  // namespace batchd::config
