#include <algorithm>
#include <span>

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"
#include "config/problems.hpp"

namespace batchd::config {
namespace {

/// "spool.inbox" and "1" as a file of three lines, the value on the second.
std::string file_with(std::string_view key, std::string_view value) {
    const std::size_t dot = key.rfind('.');
    return "[" + std::string(key.substr(0, dot)) + "]\n" + std::string(key.substr(dot + 1)) + " = " +
           std::string(value) + "\n";
}

struct KeyCase {
    const char* key;
    const char* value;
};

// Every key, with what it takes and what it does not.
constexpr KeyCase kGood[] = {
    {"spool.inbox", "'/data/in box'"},
    {"spool.outbox", "'/data/out'"},
    {"spool.rejected", "'/data/bad'"},
    {"spool.scan_interval", "'100ms'"},
    {"spool.scan_interval", "'1h'"},
    {"spool.settle_time", "'0s'"},
    {"spool.empty_wait", "'5m'"},
    {"spool.on_invalid_line", "'skip'"},
    {"state.directory", "'/data/state'"},
    {"state.keep", "'90d'"},
    {"provider.kind", "'mistral'"},
    {"provider.base_url", "'http://127.0.0.1:8080/v1'"},
    {"provider.allow_plain_http", "true"},
    {"provider.api_key_file", "'/etc/batchd/api_key'"},
    {"provider.api_key", "'none'"},
    {"provider.organization", "'org-1'"},
    {"provider.organization", "''"},
    {"provider.project", "'proj_1'"},
    {"provider.ca_file", "'/etc/batchd/ca.pem'"},
    {"provider.timeout", "'500ms'"},
    {"provider.max_connections", "64"},
    {"provider.list_lag", "'0s'"},
    {"provider.delete_files", "true"},
    {"provider.models", "{ \"gpt-4.1\" = 'mine' }"},
    {"provider.max_in_flight", "1024"},
    {"provider.requests_per_minute", "0"},
    {"provider.tokens_per_minute", "2000000"},
    {"provider.max_requests", "1000000"},
    {"provider.max_bytes", "'1GB'"},
    {"provider.auth_header", "'api-key'"},
    {"provider.key_names_account", "false"},
    {"provider.query", "'api-version=2024-10-21'"},
    {"provider.query", "''"},
    {"provider.create_endpoint", "'/chat/completions'"},
    {"provider.create_endpoint", "''"},
    {"provider.wait_for_processed", "true"},
    {"provider.windows", "['24h', '7d']"},
    {"provider.windows", "[]"},
    {"provider.send_window", "false"},
    {"provider.purpose", "'batch-api'"},
    {"provider.upload_path", "'/files/upload'"},
    {"provider.filename_field", "'file_name'"},
    {"provider.file_expiry", "'14d'"},
    {"provider.file_expiry", "'0s'"},
    {"provider.metadata", "false"},
    {"provider.list_batches", "false"},
    {"provider.list_files", "false"},
    {"provider.list_field", "'value'"},
    {"provider.answer_field", "'job'"},
    {"provider.status_words", "{ in_queue = 'validating' }"},
    {"provider.line_urls", "{ '/v1/' = '/v4/' }"},
    {"provider.max_custom_id", "64"},
    {"batch.endpoint", "'/v1/responses'"},
    {"batch.model", "'gpt-4o-mini'"},
    {"batch.completion_window", "'7d'"},
    {"batch.metadata", "{ team = 'search', \"a.b\" = '' }"},
    {"batch.defaults", "{ temperature = 0, n = { a = [1, 2.5] } }"},
    {"batch.share", "false"},
    {"batch.max_requests", "1"},
    {"batch.max_bytes", "209715200"},
    {"batch.max_bytes", "'64MiB'"},
    {"batch.max_line", "'20MB'"},
    {"batch.enqueued_tokens", "{ \"gpt-4.1\" = 1 }"},
    {"poll.interval", "'100ms'"},
    {"retry.row_attempts", "20"},
    {"retry.min_backoff", "'10ms'"},
    {"retry.max_backoff", "'24h'"},
    {"retry.result_patience", "'0s'"},
    {"retry.cancel_patience", "'30d'"},
    {"prices.file", "'/etc/batchd/prices.json'"},
    {"prices.models", "{ \"gpt-4.1\" = { input_cost_per_token = 2e-6, output_cost_per_token = 0 } }"},
    {"prices.models", "{}"},
    {"notify.patience", "'2h'"},
    {"control.socket", "'/run/batchd/batchd.sock'"},
    {"control.socket",
     "'/7890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
     "789012'"},  // 107 bytes
    {"control.group", "'editors'"},
    {"web.listen", "'[::1]:8420'"},
    {"web.listen", "['127.0.0.1:8420', '/run/batchd-web/http.sock']"},
    {"web.hosts", "['batchd.example.org', '10.0.0.7']"},
    {"web.read_only", "true"},
    {"web.show_requests", "true"},
    {"metrics.textfile", "'/var/lib/prometheus/node-exporter/batchd.prom'"},
    {"web.behind_proxy", "{ header = 'X-Forwarded-User', address = '10.0.0.5' }"},
    {"web.behind_proxy", "{ header = 'X-Forwarded-User', address = 'unix' }"},
    {"log.level", "'debug'"},
    {"queue.nightly.provider", "'azure'\n[provider.azure]"},
    {"queue.nightly.endpoint", "'/v1/responses'"},
    {"queue.nightly.model", "''"},
    {"queue.nightly.completion_window", "'24h'"},
    {"queue.nightly.metadata", "{}"},
    {"queue.nightly.defaults", "{ temperature = 0 }"},
    {"queue.nightly.share", "false"},
    {"queue.nightly.max_requests", "50000"},
    {"queue.nightly.max_bytes", "'1MB'"},
    {"queue.nightly.enqueued_tokens", "{ m = 1 }"},
    {"queue.nightly.on_invalid_line", "'skip'"},
    {"queue.nightly.row_attempts", "1"},
    {"queue.nightly.collect", "'10m'"},
    {"queue.nightly.collect_requests", "5000"},
    {"queue.nightly.schedule", "'@daily'"},
    {"queue.nightly.timezone", "'Europe/Berlin'"},
    {"queue.nightly.priority", "-100"},
    {"queue.nightly.group", "'editors'"},
    {"queue.nightly.fallback", "'gpu'\n[provider.gpu]"},
    {"queue.nightly.deadline", "'6h'\nfallback = 'gpu'\n[provider.gpu]"},
    {"queue.nightly.budget", "'50 USD/day'"},
    {"queue.nightly.then", "'default'\nthen_template = '{}'"},
    {"queue.nightly.then_template", "'{}'\nthen = 'default'"},
};

constexpr KeyCase kBad[] = {
    {"spool.inbox", "'inbox'"},
    {"spool.inbox", "''"},
    {"spool.inbox", "7"},
    {"spool.inbox", "\"/a\\u0000b\""},
    {"spool.outbox", "'./out'"},
    {"spool.rejected", "['/a']"},
    {"spool.scan_interval", "'99ms'"},
    {"spool.scan_interval", "'61m'"},
    {"spool.scan_interval", "30"},
    {"spool.settle_time", "'2'"},
    {"spool.empty_wait", "'2h'"},
    {"spool.on_invalid_line", "'ignore'"},
    {"spool.on_invalid_line", "true"},
    {"state.directory", "'~/batchd'"},
    {"state.keep", "'forever'"},
    {"state.keep", "'0s'"},
    {"provider.kind", "'azur'"},
    {"provider.base_url", "'http://example.org/v1'"},
    {"provider.base_url", "'https://user:secret@example.org/v1'"},
    {"provider.base_url", "''"},
    {"provider.api_key_file", "'key'"},
    {"provider.api_key", "'some'"},
    {"provider.organization", "'a b'"},
    {"provider.project", "\"a\\r\\nX-Evil: 1\""},
    {"provider.ca_file", "false"},
    {"provider.timeout", "'1d'"},
    {"provider.max_connections", "0"},
    {"provider.max_connections", "65"},
    {"provider.max_connections", "'4'"},
    {"provider.max_connections", "4.5"},
    {"provider.list_lag", "'2h'"},
    {"provider.delete_files", "'yes'"},
    {"provider.delete_files", "1"},
    {"provider.allow_plain_http", "'true'"},
    {"provider.models", "'gpt'"},
    {"provider.models", "{ \"gpt-4.1\" = 1 }"},
    {"provider.max_in_flight", "0"},
    {"provider.max_in_flight", "1025"},
    {"provider.requests_per_minute", "-1"},
    {"provider.tokens_per_minute", "1.5"},
    {"provider.max_requests", "0"},
    {"provider.max_bytes", "'1TB'"},
    {"provider.auth_header", "''"},
    {"provider.key_names_account", "'no'"},
    {"provider.auth_header", "'X-Key: a'"},
    {"provider.query", "'?api-version=1'"},
    {"provider.query", "'a b'"},
    {"provider.create_endpoint", "'chat/completions'"},
    {"provider.wait_for_processed", "0"},
    {"provider.windows", "'24h'"},
    {"provider.windows", "[24]"},
    {"provider.send_window", "'no'"},
    {"provider.purpose", "''"},
    {"provider.upload_path", "'files'"},
    {"provider.filename_field", "'a b'"},
    {"provider.file_expiry", "'59m'"},
    {"provider.file_expiry", "'31d'"},
    {"provider.metadata", "{}"},
    {"provider.list_batches", "1"},
    {"provider.list_files", "1"},
    {"provider.list_field", "''"},
    {"provider.answer_field", "'a b'"},
    {"provider.status_words", "{ in_queue = 'waiting' }"},
    {"provider.line_urls", "{ '/v1/' = 'v4' }"},
    {"provider.max_custom_id", "-1"},
    {"batch.endpoint", "'v1/chat/completions'"},
    {"batch.endpoint", "'//evil.example/v1'"},
    {"batch.endpoint", "'/v1/chat completions'"},
    {"batch.model", "1"},
    {"batch.completion_window", "''"},
    {"batch.completion_window", "24"},
    {"batch.metadata", "'team'"},
    {"batch.metadata", "{ team = 1 }"},
    {"batch.metadata", "{ batchd_key = 'mine' }"},
    {"batch.metadata", "{ '' = 'x' }"},
    {"batch.defaults", "'{}'"},
    {"batch.defaults", "{ stream = true }"},
    {"batch.defaults", "{ temperature = nan }"},
    {"batch.defaults", "{ user = 1979-05-27 }"},
    {"batch.share", "'no'"},
    {"batch.max_requests", "0"},
    {"batch.max_requests", "50001"},
    {"batch.max_requests", "-1"},
    {"batch.max_bytes", "209715201"},
    {"batch.max_bytes", "0"},
    {"batch.max_bytes", "-5"},
    {"batch.max_bytes", "'201MiB'"},
    {"batch.max_bytes", "'lots'"},
    {"batch.max_line", "'201MiB'"},
    {"batch.max_line", "0"},
    {"batch.enqueued_tokens", "5"},
    {"batch.enqueued_tokens", "{ gpt-4o = 0 }"},
    {"batch.enqueued_tokens", "{ gpt-4o = '90k' }"},
    {"poll.interval", "'99ms'"},
    {"poll.interval", "1979-05-27"},
    {"retry.row_attempts", "0"},
    {"retry.row_attempts", "21"},
    {"retry.min_backoff", "'0ms'"},
    {"retry.max_backoff", "'25h'"},
    {"retry.result_patience", "'31d'"},
    {"retry.cancel_patience", "3600"},
    {"prices.file", "'prices.json'"},
    {"prices.models", "[]"},
    {"prices.models", "{ m = 2e-6 }"},
    {"prices.models", "{ m = { input_cost_per_token = '2e-6' } }"},
    {"notify.patience", "'31d'"},
    {"control.socket", "'batchd.sock'"},
    {"control.socket",
     "'/7890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
     "7890123'"},  // 108 bytes
    {"control.group", "'two words'"},
    {"control.group", "12"},
    {"web.listen", "8420"},
    {"web.listen", "'localhost:8420'"},
    {"web.listen", "'127.0.0.1'"},
    {"web.listen", "'127.0.0.1:0'"},
    {"web.listen", "'::1:8420'"},
    {"web.listen", "[]"},
    {"web.listen", "'0.0.0.0:8420'"},
    {"web.hosts", "'batchd.example.org'"},
    {"web.hosts", "['batchd.example.org:8420']"},
    {"web.hosts", "['http://batchd.example.org']"},
    {"web.read_only", "'yes'"},
    {"web.show_requests", "1"},
    {"metrics.textfile", "'batchd.prom'"},
    {"web.behind_proxy", "true"},
    {"web.behind_proxy", "{ header = 'X-Forwarded-User' }"},
    {"web.behind_proxy", "{ header = 'X-Forwarded-User', address = 'unix:/run/page.sock' }"},
    {"web.behind_proxy", "{ header = 'two words', address = '10.0.0.5' }"},
    {"web.behind_proxy", "{ header = 'X-User', address = 'proxy.example.org' }"},
    {"log.level", "'verbose'"},
    {"log.level", "'INFO'"},
    {"queue.nightly.provider", "'azure'"},
    {"queue.nightly.provider", "'default'"},
    {"queue.nightly.provider", "''"},
    {"queue.nightly.endpoint", "'v1/responses'"},
    {"queue.nightly.model", "1"},
    {"queue.nightly.completion_window", "''"},
    {"queue.nightly.metadata", "{ batchd_key = 'mine' }"},
    {"queue.nightly.defaults", "{ stream = false }"},
    {"queue.nightly.share", "1"},
    {"queue.nightly.max_requests", "50001"},
    {"queue.nightly.max_bytes", "'201MiB'"},
    {"queue.nightly.enqueued_tokens", "{ m = 0 }"},
    {"queue.nightly.on_invalid_line", "'ignore'"},
    {"queue.nightly.row_attempts", "21"},
    {"queue.nightly.collect", "10"},
    {"queue.nightly.collect_requests", "0"},
    {"queue.nightly.schedule", "5"},
    {"queue.nightly.timezone", "1"},
    {"queue.nightly.priority", "101"},
    {"queue.nightly.group", "100"},
    {"queue.nightly.fallback", "'my gpu'"},
    {"queue.nightly.deadline", "'0s'"},
    {"queue.nightly.budget", "50"},
    {"queue.nightly.then", "'nightly'\nthen_template = '{}'"},
    {"queue.nightly.then_template", "'{}'"},
    {"queue.nightly.then_template", "1"},
};

TEST(KeyCasesTest, TakesWhatIsRightForEachKeyAndSaysWhereItCameFrom) {
    for (const KeyCase& c : kGood) {
        const auto loaded = load_only(file_with(c.key, c.value));
        ASSERT_TRUE(loaded) << problems(file_with(c.key, c.value));
        const auto source = loaded->sources.find(c.key);
        ASSERT_NE(source, loaded->sources.end()) << c.key;
        EXPECT_EQ(source->second, "batchd.toml:2") << c.key;
    }
}

TEST(KeyCasesTest, NamesFileLineAndKeyOfWhatIsWrong) {
    for (const KeyCase& c : kBad) {
        const auto loaded = load_only(file_with(c.key, c.value));
        ASSERT_FALSE(loaded) << c.key << " = " << c.value;
        ASSERT_EQ(loaded.error().size(), 1U) << problems(file_with(c.key, c.value));
        const Problem problem = loaded.error().front();  // error() is a copy
        EXPECT_EQ(problem.where, "batchd.toml:2") << c.key << " = " << c.value;
        EXPECT_TRUE(problem.key.starts_with(c.key)) << problem.key;
        EXPECT_TRUE(contains(problem.what, ": must be ") || contains(problem.what, "does not do"))
            << problem.what;
    }
}

TEST(KeyCasesTest, HasAGoodAndABadCaseForEveryKey) {
    const auto covers = [](std::span<const KeyCase> cases, std::string_view name) {
        return std::any_of(cases.begin(), cases.end(), [&](const KeyCase& c) { return c.key == name; });
    };
    std::vector<Key> all = keys_of_section("queue.nightly");
    all.insert(all.end(), keys().begin(), keys().end());
    for (const Key& key : all) {
        EXPECT_TRUE(covers(kGood, key.name)) << key.name;
        EXPECT_TRUE(covers(kBad, key.name)) << key.name;
    }
}

}  // namespace
}  // namespace batchd::config
