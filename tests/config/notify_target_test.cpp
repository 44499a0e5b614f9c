#include <gtest/gtest.h>

#include "config/load.hpp"
#include "config/print.hpp"
#include "config/problems.hpp"

namespace batchd::config {
namespace {

TEST(NotifyTargetTest, ATargetHasItsDefaults) {
    const Loaded loaded =
        load_text("[notify.ops]\nkind = 'slack'\n", "batchd.toml", fixed_environment({})).value();
    const NotifyTarget& target = loaded.settings.notify_targets.at("ops");
    EXPECT_EQ(target.kind, NotifyKind::slack);
    EXPECT_EQ(target.on,
              (std::vector<std::string>{"failed", "rejected", "held", "provider_closed", "overdue"}));
    EXPECT_TRUE(target.queues.empty());
    EXPECT_EQ(loaded.settings.notify.patience, std::chrono::hours(24));
}

TEST(NotifyTargetTest, PatienceStandsBesideTheTargets) {
    const Loaded loaded = load_text("[notify]\npatience = '2h'\n[notify.ops]\nkind = 'ntfy'\n", "batchd.toml",
                                    fixed_environment({}))
                              .value();
    EXPECT_EQ(loaded.settings.notify.patience, std::chrono::hours(2));
    EXPECT_EQ(loaded.settings.notify_targets.size(), 1U);
}

TEST(NotifyTargetTest, WhatIsWrongIsToldWithItsLine) {
    struct Wrong {
        const char* toml;
        const char* told;
    };
    for (const Wrong& wrong :
         {Wrong{"[notify.ops]\nurl_file = '/a'\n",
                "batchd.toml:1: notify.ops.kind is not set: must be \"slack\""},
          Wrong{"[notify.ops]\nkind = 'mail'\n",
                "batchd.toml:2: notify.ops.kind is \"mail\": must be \"slack\""},
          Wrong{"[notify.ops]\nkind = 'slack'\non = ['done', 'finished']\n",
                "batchd.toml:3: notify.ops.on has \"finished\": must be an array of \"done\""},
          Wrong{"[notify.ops]\nkind = 'slack'\non = []\n",
                "batchd.toml:3: notify.ops.on is []: nobody would be told of anything; must have"},
          Wrong{"[notify.ops]\nkind = 'slack'\nqueues = ['nightly']\n",
                "batchd.toml:3: notify.ops.queues has \"nightly\": there is no [queue.nightly]"},
          Wrong{"[notify.ops]\nkind = 'slack'\nurl = 'https://a/secret'\n",
                "batchd.toml:3: notify.ops.url is not a key"},
          Wrong{"[notify.ops]\nkind = 'slack'\nsecret_file = '/a'\n",
                "batchd.toml:3: notify.ops.secret_file is set"},
          Wrong{"[notify.next]\nkind = 'command'\n", "batchd.toml:1: notify.next.command is not set"},
          Wrong{"[notify.next]\nkind = 'command'\ncommand = ['load']\n",
                "batchd.toml:3: notify.next.command is [\"load\"]: must be a program's absolute path"},
          Wrong{"[notify.next]\nkind = 'command'\ncommand = 'load'\n",
                "batchd.toml:3: notify.next.command is \"load\""},
          Wrong{"[notify.next]\nkind = 'command'\ncommand = []\n",
                "batchd.toml:3: notify.next.command is []"},
          Wrong{"[notify.next]\nkind = 'command'\ncommand = ['/a']\ntimeout = '0s'\n",
                "batchd.toml:4: notify.next.timeout"},
          Wrong{"[notify]\npatience = '31d'\n", "batchd.toml:2: notify.patience"},
          Wrong{"[notify.\"a b\"]\nkind = 'slack'\n", "notify.a b has a name that does not do"}})
        EXPECT_TRUE(contains(problems(wrong.toml), wrong.told)) << problems(wrong.toml);
}

TEST(NotifyTargetTest, IsPrintedSoThatItReadsBackAsTheSame) {
    const char* const toml =
        "[notify.next]\nkind = 'command'\ncommand = ['/bin/sh', '-c', 'echo \"$BATCHD_JOB\"']\non = ['all']\n"
        "queues = ['default']\ntimeout = '1h'\n[notify.hook]\nkind = 'webhook'\nsecret_file = '/a'\n";
    const Loaded loaded = load_text(toml, "batchd.toml", fixed_environment({})).value();
    const Loaded again = load_text(print_changed(loaded), "batchd.toml", fixed_environment({})).value();
    EXPECT_EQ(again.settings.notify_targets, loaded.settings.notify_targets);
}

}  // namespace
}  // namespace batchd::config
