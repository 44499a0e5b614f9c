#include "engine/intake/intakes.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

struct IntakesTest : EngineFixture {
    ~IntakesTest() override { crash(); }

    void start() {
        for (const char* const queue : {"a", "b", "c"}) {
            settings.queues[queue] = {};
            ASSERT_TRUE(make_directory(inbox() / queue));
        }
        settings.spool.scan_interval = 30s;
        intakes = std::make_unique<Intakes>(intake_ports(), Intake::Mode::daemon);
        tasks->spawn(intakes->run());
        settle();
    }
    std::vector<std::string> claimed() {
        std::vector<std::string> names;
        for (const auto id : store->jobs.in_state(store::JobState::claimed, 1000).value())
            names.push_back(job(id).queue + "/" + job(id).name);
        return names;
    }
    using Names = std::vector<std::string>;
    Names shown() {
        Names abouts;
        for (const store::Condition& one : store->conditions.all().value()) abouts.push_back(one.about);
        return abouts;
    }

    std::unique_ptr<Intakes> intakes;
};

TEST_F(IntakesTest, QueuesWithNothingInThemShareOneWait) {
    start();
    EXPECT_EQ(clock.sleepers(), 2U) << "the inbox itself, and all queues together";
    advance(5min);
    EXPECT_EQ(clock.sleepers(), 2U);
}

TEST_F(IntakesTest, WhatWasNotAnnouncedIsFoundAllTheSame) {
    start();  // and nobody reads what the kernel tells
    dir.write("inbox/b/lost.jsonl", "x\n");
    advance(30s);
    EXPECT_TRUE(claimed().empty()) << "it is seen, and has to stand still";
    advance(settings.spool.settle_time);
    EXPECT_EQ(claimed(), Names{"b/lost"});
    advance(2min);
    EXPECT_EQ(clock.sleepers(), 2U) << "the queue has nothing again";
}

TEST_F(IntakesTest, WhatWasAnnouncedIsTakenAtOnce) {
    tasks->spawn(watches.run());
    start();
    const Path made = dir.write("made", "x\n");
    ASSERT_TRUE(rename_file(made, inbox() / "c" / "told.jsonl"));
    settle();
    EXPECT_EQ(claimed(), Names{"c/told"});
}

TEST_F(IntakesTest, WhatWasLeftAloneInAnEarlierRunIsForgottenWhereTheFolderIsEmptyNow) {
    store::Condition condition;
    condition.kind = InboxPicture::kKind;
    for (const char* const about : {"b/extension", "c/extension"}) {
        condition.about = about;
        ASSERT_TRUE(store->conditions.set(condition, clock.now()));
    }
    ASSERT_TRUE(make_directory(inbox() / "c"));
    dir.write("inbox/c/notes.txt", "x\n");
    start();
    EXPECT_EQ(shown(), Names{"c/extension"}) << "what is there still is shown";
}

TEST_F(IntakesTest, WhatIsShownOfAQueueGoesWithIt) {
    store::Condition condition;
    condition.kind = InboxPicture::kKind;
    condition.about = "of-an-earlier-configuration/extension";
    ASSERT_TRUE(store->conditions.set(condition, clock.now()));
    for (const char* const queue : {"b", "c"}) {
        ASSERT_TRUE(make_directory(inbox() / queue));
        dir.write(std::string("inbox/") + queue + "/notes.txt", "x\n");
    }
    start();
    advance(30s);
    EXPECT_EQ(shown(), (Names{"b/extension", "c/extension"}));
    settings.queues.erase("c");
    intakes->replace();
    settle();
    EXPECT_EQ(shown(), Names{"b/extension"});
}

TEST_F(IntakesTest, AQueueWhoseFolderGoesIsSaid) {
    start();
    std::filesystem::remove(inbox() / "a");
    advance(30s);
    EXPECT_EQ(intakes->gone(), std::vector<Path>{inbox() / "a"});
    ASSERT_TRUE(make_directory(inbox() / "a"));
    advance(1min);
    EXPECT_TRUE(intakes->gone().empty());
}

}  // namespace
}  // namespace batchd::engine
