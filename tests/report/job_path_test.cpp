#include "report/job_path.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

/// "QUEUE NAME", with "?" behind it where the queue is only likely; "" where the path says of none.
std::string read(const std::string& path) {
    config::Settings settings;
    settings.spool.inbox = "/spool/inbox";
    settings.spool.outbox = "/spool/outbox";
    settings.spool.rejected = "/spool/rejected";
    settings.queues["nightly"];
    const auto found = parse_job_path(path, settings);
    if (!found) return "";
    return found->queue + " " + found->name + (found->certainty == JobPath::Queue::meant ? "" : "?") +
           (found->is_short ? " short" : "");
}

TEST(JobPathTest, QueueAndNameAreEnough) {
    EXPECT_EQ(read("nightly/a"), "nightly a short");
    EXPECT_EQ(read("nightly/a/"), "nightly a short");
    EXPECT_EQ(read("default/a"), "default a short");
    EXPECT_EQ(read("typo/a"), "typo a short");
}

TEST(JobPathTest, TheFoldersOfTheSpoolLeadToAQueue) {
    EXPECT_EQ(read("/spool/outbox/nightly/a"), "nightly a");
    EXPECT_EQ(read("/spool//rejected/./nightly/a/"), "nightly a");
    EXPECT_EQ(read("/spool/inbox/a.jsonl"), "default a.jsonl");
    EXPECT_EQ(read("outbox/nightly/a"), "nightly a");
    EXPECT_EQ(read("outbox/a"), "default a");
    EXPECT_EQ(read("/through/a/link/outbox/nightly/a"), "nightly a?");
}

TEST(JobPathTest, WhatLiesAnywhereElseSaysOfNoQueue) {
    for (const char* path :
         {"a", "a/", "/a", "./nightly/a.jsonl", "../nightly/a", "/home/nightly/a.jsonl", "x/y/a"})
        EXPECT_EQ(read(path), "") << path;
    EXPECT_EQ(read("data/a.jsonl"), "data a.jsonl? short");
}

}  // namespace
}  // namespace batchd::report
