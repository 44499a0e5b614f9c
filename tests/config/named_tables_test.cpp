#include <gtest/gtest.h>

#include "config/keys/keys.hpp"
#include "config/problems.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

TEST(NamedProviderTest, HasTheDefaultsOfItsKindWhereverTheKindStands) {
    const auto loaded = load_only(R"(
[provider.azure]
base_url = "https://r.openai.azure.com/openai/v1"
api_key_file = "/etc/batchd/azure_key"
models = { "gpt-5.4-mini" = "my-deployment" }
wait_for_processed = false
kind = "azure"
)");
    ASSERT_TRUE(loaded) << problems_of(loaded);
    const Provider& azure = loaded->settings.providers.at("azure");
    EXPECT_EQ(azure.kind, Kind::azure);
    EXPECT_EQ(azure.base_url, "https://r.openai.azure.com/openai/v1");
    EXPECT_EQ(azure.api_key_file, "/etc/batchd/azure_key");
    EXPECT_EQ(azure.models, (std::map<std::string, std::string>{{"gpt-5.4-mini", "my-deployment"}}));
    EXPECT_EQ(azure.dialect.auth_header, "api-key");
    EXPECT_EQ(azure.dialect.create_endpoint, "/chat/completions");
    EXPECT_FALSE(azure.dialect.wait_for_processed);
    EXPECT_EQ(azure.max_requests, 100'000U);
    EXPECT_EQ(loaded->settings.provider.kind, Kind::openai);
    EXPECT_EQ(loaded->sources.at("provider.azure.kind"), "batchd.toml:7");
}

TEST(NamedProviderTest, TheDefaultOneHasAKindAsWell) {
    const auto loaded = load_only("[provider]\nbase_url = 'https://r.example/v1'\nkind = 'azure'");
    ASSERT_TRUE(loaded) << problems_of(loaded);
    EXPECT_EQ(loaded->settings.provider.dialect.auth_header, "api-key");
    EXPECT_EQ(loaded->settings.provider.base_url, "https://r.example/v1");
}

TEST(NamedProviderTest, OfEveryKindIsTheKindsDefault) {
    for (const char* kind : {"openai", "mistral", "gemini", "anthropic"}) {
        const auto loaded = load_only("[provider.p]\nkind = '" + std::string(kind) + "'");
        ASSERT_TRUE(loaded) << problems_of(loaded);
        const Provider& provider = loaded->settings.providers.at("p");
        EXPECT_EQ(to_string(provider.kind), kind);
        EXPECT_EQ(provider.base_url, defaults_of(provider.kind).base_url);
    }
}

TEST(NamedProviderTest, ALookAlikeIsATable) {
    const auto loaded = load_only(R"(
[provider.zhipu]
base_url = "https://open.bigmodel.cn/api/paas/v4"
create_endpoint = "/v4/chat/completions"
line_urls = { "/v1/" = "/v4/" }
send_window = false
max_bytes = "100MB"
[provider.together]
base_url = "https://api.together.xyz/v1"
purpose = "batch-api"
upload_path = "/files/upload"
filename_field = "file_name"
answer_field = "job"
metadata = false
status_words = { "in_queue" = "validating" }
)");
    ASSERT_TRUE(loaded) << problems_of(loaded);
    const Provider& zhipu = loaded->settings.providers.at("zhipu");
    EXPECT_EQ(zhipu.dialect.create_endpoint, "/v4/chat/completions");
    EXPECT_EQ(zhipu.dialect.line_urls.at("/v1/"), "/v4/");
    EXPECT_FALSE(zhipu.dialect.send_window);
    EXPECT_EQ(zhipu.max_bytes, 100'000'000U);
    const Dialect& together = loaded->settings.providers.at("together").dialect;
    EXPECT_EQ(together.upload_path, "/files/upload");
    EXPECT_EQ(together.filename_field, "file_name");
    EXPECT_EQ(together.answer_field, "job");
    EXPECT_FALSE(together.metadata);
    EXPECT_EQ(together.status_words.at("in_queue"), "validating");
}

TEST(NamedProviderTest, IsNotAtTheAddressOfTheEnvironment) {
    const Environment environment = fixed_environment({{"OPENAI_BASE_URL", "http://localhost:9/v1"}});
    const auto loaded = load_only("[provider]\nkind = 'mistral'\n[provider.p]", environment);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.provider.base_url, "https://api.mistral.ai/v1");
    EXPECT_EQ(loaded->settings.providers.at("p").base_url, "https://api.openai.com/v1");
}

TEST(NamedProviderTest, NeverShowsAKeyThatSomebodyPutIntoTheFile) {
    const std::string text = problems("[provider.azure]\napi_key = 'sk-secret'\n");
    EXPECT_TRUE(text.starts_with("batchd.toml:2: provider.azure.api_key is something else, not shown here"))
        << text;
    EXPECT_FALSE(contains(text, "sk-secret")) << text;
}

TEST(QueueTest, HasWhatItsTableSays) {
    const auto loaded = load_only(R"(
[queue.nightly]
provider = "azure"
endpoint = "/v1/responses"
model = "gpt-5.4-mini"
on_invalid_line = "skip"
defaults = { temperature = 0, max_completion_tokens = 300 }
collect = "10m"
collect_requests = 5000
schedule = "0 2 * * mon-fri"
timezone = "Europe/Berlin"
priority = -3
group = "editors"
[provider.azure]
base_url = "https://r.example/v1"
[queue.empty]
)");
    ASSERT_TRUE(loaded) << problems_of(loaded);
    const Queue& queue = loaded->settings.queues.at("nightly");
    EXPECT_EQ(queue.provider, "azure");
    EXPECT_EQ(queue.endpoint, "/v1/responses");
    EXPECT_EQ(queue.model, "gpt-5.4-mini");
    EXPECT_EQ(queue.on_invalid_line, OnInvalidLine::skip);
    EXPECT_EQ(queue.defaults, R"({"temperature":0,"max_completion_tokens":300})");
    EXPECT_EQ(queue.collect, 10min);
    EXPECT_EQ(queue.collect_requests, 5000U);
    EXPECT_EQ(queue.schedule, "0 2 * * mon-fri");
    EXPECT_EQ(queue.timezone, "Europe/Berlin");
    EXPECT_EQ(queue.priority, -3);
    EXPECT_EQ(queue.group, "editors");
    EXPECT_FALSE(queue.metadata);
    EXPECT_EQ(loaded->settings.queues.count("empty"), 1U);
}

TEST(NamedTableTest, HasANameThatIsOne) {
    const std::string rule =
        " has a name that does not do: must be 1 to 64 letters, digits, - and _, and not \"default\"\n";
    for (const char* kind : {"queue", "provider"}) {
        EXPECT_EQ(problems("[" + std::string(kind) + ".default]"),
                  "batchd.toml:1: " + std::string(kind) + ".default" + rule);
        EXPECT_EQ(problems("[" + std::string(kind) + ".\"a b\"]"),
                  "batchd.toml:1: " + std::string(kind) + ".a b" + rule);
        EXPECT_EQ(problems("[" + std::string(kind) + ".\"../x\"]"),
                  "batchd.toml:1: " + std::string(kind) + ".../x" + rule);
        EXPECT_EQ(problems("[" + std::string(kind) + "." + std::string(64, 'a') + "]"), "");
    }
}

TEST(NamedTableTest, IsATable) {
    EXPECT_EQ(problems("queue = 3"), "batchd.toml:1: queue is 3: must be a table, [queue.NAME]\n");
    EXPECT_EQ(problems("[queue]\nmodel = 'm'"),
              "batchd.toml:2: queue.model is \"m\": must be a table, [queue.NAME]\n");
    EXPECT_EQ(problems("[[queue.nightly]]"),
              "batchd.toml:1: queue.nightly is an array: must be a table, [queue.NAME]\n");
}

TEST(NamedTableTest, NamesTheKeyThatWasMeant) {
    EXPECT_EQ(
        problems("[queue.nightly]\ncolect = '1m'"),
        "batchd.toml:2: queue.nightly.colect is not a key of batchd: did you mean queue.nightly.collect?\n");
    EXPECT_EQ(problems("[provider.azure]\nbase_uri = 'x'"),
              "batchd.toml:2: provider.azure.base_uri is not a key of batchd: did you mean "
              "provider.azure.base_url?\n");
    EXPECT_EQ(problems("[provider]\nmodles = { a = 'b' }"),
              "batchd.toml:2: provider.modles is not a key of batchd: did you mean provider.models?\n");
    EXPECT_EQ(problems("[provider.modles]\nbase_url = 'https://a/v1'"), "");
    EXPECT_EQ(problems("[queu.nightly]\nmodel = 'm'"),
              "batchd.toml:1: queu is not a key of batchd: did you mean queue.NAME?\n");
    EXPECT_EQ(problems("[batch]\ncollect = '1m'"),
              "batchd.toml:2: batch.collect is not a key of batchd: did you mean queue.NAME.collect?\n");
    EXPECT_EQ(problems("[queue.nightly]\nscan_interval = '1s'"),
              "batchd.toml:2: queue.nightly.scan_interval is not a key of batchd: did you mean "
              "spool.scan_interval?\n");
}

}  // namespace
}  // namespace batchd::config
