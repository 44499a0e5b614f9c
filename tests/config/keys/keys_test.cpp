#include "config/keys/keys.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

/// "spool: inbox outbox" for each section.
std::string leaves(const std::vector<Key>& keys) {
    std::string text, section;
    for (const Key& key : keys) {
        if (key.section() != section) text += (text.empty() ? "" : "\n") + std::string(key.section()) + ":";
        section = key.section();
        text += " " + std::string(key.leaf());
    }
    return text;
}

TEST(KeysTest, AreTheOnesThatUsersKnow) {
    EXPECT_EQ(
        leaves(keys()),
        "spool: inbox outbox rejected scan_interval settle_time empty_wait on_invalid_line\n"
        "state: directory keep\n"
        "provider: kind base_url allow_plain_http api_key_file api_key organization project ca_file timeout "
        "max_connections list_lag delete_files models max_in_flight requests_per_minute tokens_per_minute "
        "max_requests max_bytes auth_header "
        "key_names_account query create_endpoint wait_for_processed windows send_window purpose upload_path "
        "filename_field file_expiry metadata list_batches list_files "
        "list_field answer_field status_words line_urls max_custom_id\n"
        "batch: endpoint model completion_window metadata defaults share max_requests max_bytes max_line "
        "enqueued_tokens\n"
        "poll: interval\n"
        "retry: row_attempts min_backoff max_backoff result_patience cancel_patience\n"
        "prices: file models\n"
        "control: socket group\n"
        "notify: patience\n"
        "web: listen hosts read_only show_requests behind_proxy\n"
        "metrics: textfile\n"
        "log: level");
}

TEST(KeysTest, OfAQueueAreTheOnesThatUsersKnow) {
    EXPECT_EQ(
        leaves(keys_of_section("queue.nightly")),
        "queue.nightly: provider endpoint model completion_window metadata defaults share max_requests "
        "max_bytes enqueued_tokens on_invalid_line row_attempts collect collect_requests schedule timezone "
        "priority group budget then then_template fallback deadline");
}

TEST(KeysTest, OfEachProviderAreThoseOfTheDefaultOne) {
    const auto named = keys_of_section("provider.azure"), general = keys_of_section("provider");
    ASSERT_EQ(named.size(), general.size());
    for (std::size_t i = 0; i < named.size(); ++i) {
        EXPECT_EQ(named[i].name, "provider.azure." + std::string(general[i].leaf()));
        EXPECT_EQ(named[i].section(), "provider.azure");
    }
}

TEST(KeysTest, OfOneTableDoNotTouchTheOthers) {
    Settings settings;
    settings.providers = {{"a", {}}, {"b", {}}};
    for (const Key& key : keys_of_section("provider.a"))
        if (key.leaf() == "timeout") {
            EXPECT_TRUE(key.read({std::string("5s")}, settings).empty());
        }
    EXPECT_EQ(settings.providers["a"].timeout, std::chrono::seconds(5));
    EXPECT_EQ(settings.providers["b"].timeout, std::chrono::seconds(60));
    EXPECT_EQ(settings.provider.timeout, std::chrono::seconds(60));
}

TEST(KeysTest, StandInTheOrderOfTheReferenceFile) {
    Settings settings;
    settings.providers = {{"b", {}}, {"a", {}}};
    settings.queues = {{"q", {}}};
    EXPECT_EQ(sections_of(settings),
              (std::vector<std::string>{"spool", "state", "provider", "provider.a", "provider.b", "batch",
                                        "queue.q", "poll", "retry", "prices", "control", "notify", "web",
                                        "metrics", "log"}));
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
    EXPECT_EQ(changed_keys(before, after), (std::vector<std::string>{"state.keep", "log.level"}));
}

TEST(ChangedKeysTest, NamesATableThatCameOrWent) {
    Settings before;
    before.queues = {{"old", {}}, {"kept", {}}};
    before.providers = {{"gone", {}}};
    Settings after;
    after.queues = {{"kept", {.priority = 5}}, {"new", {}}};
    EXPECT_EQ(changed_keys(before, after),
              (std::vector<std::string>{"queue.kept.priority", "queue.new", "provider.gone", "queue.old"}));
}

}  // namespace
}  // namespace batchd::config
