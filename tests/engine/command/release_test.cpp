// A release, and what comes of files that are still being read when it does.

#include "engine/commander_fixture.hpp"

namespace batchd::engine {
namespace {

struct ReleaseTest : CommanderFixture {
    ReleaseTest() {
        settings.queues["yearly"].schedule = "@yearly";
        settings.queues["dear"].budget = "5 USD/day";
        settings.queues["other"].schedule = "@yearly";
    }
    store::JobId claim(const std::string& name, const std::string& queue) {
        const store::JobId id = add_claimed(name, request_line("a") + "\n").id;
        EXPECT_TRUE(store->database.run("UPDATE jobs SET queue = ? WHERE id = ?", queue, id));
        return id;
    }
    void plan() {
        tasks->spawn(planner->run());
        settle();
    }
};

TEST_F(ReleaseTest, AFileThatIsStillBeingReadGoesAsSoonAsItIs) {
    start();
    const store::JobId asked = claim("asked", "yearly"), other = claim("other", "other");
    const auto command = release({.queue = "yearly"});
    EXPECT_TRUE(command.ok);
    EXPECT_EQ(command.result, "1 file in yearly that is still being read goes as soon as it is");
    const store::JobId later = claim("later", "yearly");
    plan();
    EXPECT_FALSE(job(asked).waits);
    EXPECT_EQ(batches_of(asked).size(), 1U);
    EXPECT_TRUE(job(other).waits) << "nobody has asked for its queue";
    EXPECT_TRUE(job(later).waits) << "it was not there yet";
}

TEST_F(ReleaseTest, WhatWasAskedForOutlivesACrash) {
    start();
    const store::JobId id = claim("asked", "yearly");
    release({.queue = "yearly"});
    crash();
    start();
    plan();
    EXPECT_EQ(batches_of(id).size(), 1U);
}

TEST_F(ReleaseTest, ABudgetIsKeptToUnlessItIsToBePassedOver) {
    settings.queues["dear"].schedule = "@yearly";
    start();
    const store::JobId within = claim("within", "dear");
    release({.queue = "dear"});
    const store::JobId beyond = claim("beyond", "dear");
    EXPECT_EQ(release({.queue = "dear", .over_budget = true}).result,
              "2 files in dear that are still being read go as soon as they are");
    release({.queue = "dear"});
    const store::JobId last = claim("last", "dear");
    EXPECT_EQ(
        release({.queue = "dear"}).result,
        "3 files in dear that are still being read go as soon as they are, as far as the queue's budget has "
        "money for them");
    plan();
    for (const store::JobId id : {within, beyond}) EXPECT_EQ(batches_of(id).size(), 1U);
    EXPECT_EQ(job(last).waits_for, "turn") << "its time has come, and the budget decides";
    EXPECT_EQ(batches_of(last).size(), 0U);
}

}  // namespace
}  // namespace batchd::engine
