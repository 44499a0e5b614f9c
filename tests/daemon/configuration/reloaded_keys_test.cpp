#include "daemon/configuration/reloaded_keys.hpp"

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;

/// Differs from the defaults in each section, and in each key of the sections that are taken over in part.
config::Settings all_changed() {
    config::Settings settings;
    settings.provider.base_url = "https://elsewhere/v1";
    settings.providers["azure"].base_url = "https://azure/v1";
    settings.queues["nightly"].model = "m";
    settings.batch.model = "m";
    settings.poll.interval = 7s;
    settings.log.level = LogLevel::debug;
    settings.notify.patience = 7s;
    settings.notify_targets["ops"].kind = config::NotifyKind::slack;
    settings.prices.file = "/prices.json";
    settings.retry = {.row_attempts = 7,
                      .min_backoff = 7s,
                      .max_backoff = 7min,
                      .result_patience = 7s,
                      .cancel_patience = 7s};
    settings.spool.inbox = "/inbox";
    settings.spool.on_invalid_line = config::OnInvalidLine::skip;
    settings.spool.scan_interval = 7s;
    settings.state.directory = "/state";
    return settings;
}

TEST(ReloadedKeysTest, WhatIsSaidToBeTakenOverIsAndNothingElse) {
    config::Settings running;
    const config::Settings changed = all_changed();
    std::vector<std::string> wait_for_a_restart;
    for (const std::string& key : config::changed_keys(running, changed))
        if (!can_change(key)) wait_for_a_restart.push_back(key);
    EXPECT_EQ(wait_for_a_restart, (std::vector<std::string>{"spool.inbox", "state.directory",
                                                            "retry.min_backoff", "retry.max_backoff"}));
    take_over_keys(running, changed);
    EXPECT_EQ(config::changed_keys(running, changed), wait_for_a_restart);
}

TEST(ReloadedKeysTest, AKeyIsNotTakenForAnotherThatBeginsLikeIt) {
    EXPECT_TRUE(can_change("queue.nightly"));
    EXPECT_TRUE(can_change("provider.azure.base_url"));
    EXPECT_FALSE(can_change("retry.row_attempts_of_another_kind"));
    EXPECT_FALSE(can_change("logistics.key"));
}

}  // namespace
}  // namespace batchd
