#include "config/keys/keys.hpp"

#include <set>

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

TEST(KeysTest, AreTheOnesThatUsersKnow) {
    const std::set<std::string_view> expected{"spool.inbox",
                                              "spool.outbox",
                                              "spool.rejected",
                                              "spool.scan_interval",
                                              "spool.settle_time",
                                              "spool.empty_wait",
                                              "spool.on_invalid_line",
                                              "state.directory",
                                              "state.keep",
                                              "provider.base_url",
                                              "provider.api_key_file",
                                              "provider.api_key",
                                              "provider.organization",
                                              "provider.project",
                                              "provider.ca_file",
                                              "provider.timeout",
                                              "provider.max_connections",
                                              "provider.list_lag",
                                              "provider.delete_files",
                                              "batch.endpoint",
                                              "batch.model",
                                              "batch.completion_window",
                                              "batch.metadata",
                                              "batch.max_requests",
                                              "batch.max_bytes",
                                              "batch.max_line",
                                              "batch.enqueued_tokens",
                                              "poll.interval",
                                              "retry.row_attempts",
                                              "retry.min_backoff",
                                              "retry.max_backoff",
                                              "retry.result_patience",
                                              "retry.cancel_patience",
                                              "control.socket",
                                              "control.group",
                                              "log.level"};
    std::set<std::string_view> names;
    for (const Key& key : keys()) EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_EQ(names, expected);
}

TEST(KeysTest, ArePrintedAsTheyAreSet) {
    Settings settings;
    EXPECT_EQ(find_key("spool.inbox")->print(settings), "\"/var/spool/batchd/inbox\"");
    EXPECT_EQ(find_key("spool.scan_interval")->print(settings), "\"30s\"");
    EXPECT_EQ(find_key("batch.max_bytes")->print(settings), "\"200MB\"");
    EXPECT_EQ(find_key("provider.delete_files")->print(settings), "false");
    EXPECT_EQ(find_key("state.keep")->print(settings), std::nullopt);
    EXPECT_EQ(find_key("batch.metadata")->print(settings), "{}");
    settings.batch.enqueued_tokens = {{"gpt-4.1", 900'000}, {"gpt-4o", 90'000}};
    EXPECT_EQ(find_key("batch.enqueued_tokens")->print(settings),
              "{ \"gpt-4.1\" = 900000, \"gpt-4o\" = 90000 }");
}

TEST(ChangedKeysTest, NamesWhatAReloadHasChanged) {
    Settings before;
    Settings after;
    EXPECT_TRUE(changed_keys(before, after).empty());
    after.log.level = LogLevel::debug;
    after.state.keep = std::chrono::hours(24);
    EXPECT_EQ(changed_keys(before, after), (std::vector<std::string_view>{"state.keep", "log.level"}));
}

}  // namespace
}  // namespace batchd::config
