#include "engine/notify/notifier.hpp"

#include <set>

#include "config/values/notice_words.hpp"
#include "engine/engine_fixture.hpp"
#include "engine/notify/scripted_sender.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using config::NotifyKind;
using notify::SendResult;
using testing::ScriptedSender;

struct NotifierTest : EngineFixture {
    ~NotifierTest() override { crash(); }

    config::NotifyTarget& add(const std::string& name, NotifyKind kind) {
        config::NotifyTarget& target = settings.notify_targets[name];
        target.kind = kind;
        target.on = {"all"};
        return target;
    }
    void start() {
        notifier =
            std::make_unique<Notifier>(Notifier::Ports{settings, *store, clock, *journal, wakes}, sender);
        tasks->spawn(notifier->run());
        settle();
    }
    void restart() {
        crash();
        start();
    }
    /// Something that is told.
    void happen(int times = 1) {
        for (int i = 0; i < times; ++i) journal->note(EventKind::provider_open, "it answers");
        settle();
    }
    std::vector<std::string> all_keys() {
        std::vector<std::string> keys;
        for (const store::Notice& notice : store->notices.after(0, 10'000).value())
            keys.push_back(notice.key);
        return keys;
    }
    void be_down(const std::string& name) {
        sender.answer = [name](const ScriptedSender::Message& message) {
            return SendResult{message.name != name, message.name != name ? "" : "it answered 500", {}};
        };
    }

    ScriptedSender sender;
    std::unique_ptr<Notifier> notifier;
};

TEST_F(NotifierTest, EachNoticeIsToldAtOnceInOrder) {
    add("hook", NotifyKind::webhook);
    start();
    happen(3);
    EXPECT_EQ(sender.keys("hook"), all_keys());
    EXPECT_EQ(sender.received.size(), 3U) << "each in a message of its own";
}

TEST_F(NotifierTest, WhatWasBeforeATargetWasConfiguredIsNotForIt) {
    happen(2);
    add("hook", NotifyKind::webhook);
    start();
    EXPECT_TRUE(sender.received.empty());
    happen();
    EXPECT_EQ(sender.received.size(), 1U);
}

TEST_F(NotifierTest, WhatIsNotWantedIsPassed) {
    add("hook", NotifyKind::webhook).on = {"provider_closed"};
    start();
    happen(2);
    journal->note(EventKind::provider_closed, "no key");
    settle();
    ASSERT_EQ(sender.received.size(), 1U);
    EXPECT_EQ(sender.received[0].notices[0].type, "provider_closed");
}

TEST_F(NotifierTest, ARestartGoesOnWhereItWas) {
    add("hook", NotifyKind::webhook);
    start();
    happen(2);
    crash();
    happen(2);
    start();
    EXPECT_EQ(sender.keys("hook"), all_keys());
}

TEST_F(NotifierTest, ATargetThatIsDownForAnHourHearsAllOfItInOrderWithTheSameIds) {
    add("hook", NotifyKind::webhook);
    start();
    be_down("hook");
    for (int minute = 0; minute < 60; ++minute) {
        happen();
        advance(1min);
        if (minute % 20 == 10) restart();
    }
    EXPECT_TRUE(sender.received.empty());
    std::set<std::string> tried;
    for (const auto& message : sender.refused) tried.insert(message.notices.front().key);
    EXPECT_EQ(tried.size(), 1U) << "one id for all tries, and nothing before its turn";
    sender.answer = nullptr;
    advance(10min);
    EXPECT_EQ(sender.keys("hook"), all_keys());
}

TEST_F(NotifierTest, TheFirstPauseIsASecondAndTheyGetLonger) {
    add("hook", NotifyKind::webhook);
    start();
    be_down("hook");
    happen();
    EXPECT_EQ(sender.refused.size(), 1U);
    advance(1s);
    EXPECT_EQ(sender.refused.size(), 2U);
    advance(1h);
    EXPECT_LT(sender.refused.size(), 30U);
    EXPECT_EQ(count_events(EventKind::waiting), 1U) << "it is said once";
    EXPECT_EQ(journal->troubles().size(), 1U);
    sender.answer = nullptr;
    advance(10min);
    EXPECT_TRUE(journal->troubles().empty());
}

TEST_F(NotifierTest, OneThatIsDownHoldsUpNoOther) {
    add("down", NotifyKind::webhook);
    add("up", NotifyKind::webhook);
    start();
    be_down("down");
    happen(5);
    EXPECT_EQ(sender.keys("up"), all_keys());
}

TEST_F(NotifierTest, AfterItsPatienceANoticeIsGivenUpAndSaid) {
    add("hook", NotifyKind::webhook);
    settings.notify.patience = 2h;
    start();
    be_down("hook");
    happen();
    advance(1h);
    happen();
    advance(90min);
    EXPECT_EQ(count_events(EventKind::notice_given_up), 1U);
    EXPECT_EQ(detail_of_last(EventKind::notice_given_up), "notify.hook: 1 notice given up: it answered 500");
    sender.answer = nullptr;
    advance(10min);
    ASSERT_EQ(sender.received.size(), 1U) << "what came later has its own time";
    EXPECT_EQ(sender.received[0].notices[0].key, all_keys()[1]);
}

TEST_F(NotifierTest, ThePauseThatAReceiverAsksForIsKept) {
    add("hook", NotifyKind::webhook);
    start();
    sender.answer = [](const auto&) { return SendResult{false, "it answered 429", 30min}; };
    happen();
    advance(29min);
    EXPECT_EQ(sender.refused.size(), 1U);
    advance(2min);
    EXPECT_EQ(sender.refused.size(), 2U);
}

TEST_F(NotifierTest, AChatGetsTheFirstAtOnceAndTheRestSummedUpAMinuteLater) {
    add("ops", NotifyKind::slack);
    start();
    happen();
    EXPECT_EQ(sender.received.size(), 1U);
    happen(40);
    advance(59s);
    EXPECT_EQ(sender.received.size(), 1U);
    advance(1s);
    ASSERT_EQ(sender.received.size(), 2U);
    EXPECT_EQ(sender.received[1].notices.size(), 40U);
    EXPECT_EQ(sender.keys("ops"), all_keys());
}

TEST_F(NotifierTest, ARestartDoesNotMakeTheMinuteShorter) {
    add("ops", NotifyKind::slack);
    start();
    happen();
    restart();
    happen();
    advance(58s);
    EXPECT_EQ(sender.received.size(), 1U);
    advance(2s);
    EXPECT_EQ(sender.received.size(), 2U);
}

TEST_F(NotifierTest, AReloadTellsNewTargetsAndForgetsThoseThatAreGone) {
    add("old", NotifyKind::webhook);
    start();
    settings.notify_targets.clear();
    add("new", NotifyKind::webhook);
    notifier->replace();
    settle();
    happen();
    EXPECT_EQ(sender.keys("new"), all_keys());
    EXPECT_TRUE(sender.keys("old").empty());
    ASSERT_EQ(store->targets.all().value().size(), 1U);
    EXPECT_EQ(store->targets.all().value()[0].name, "new");
}

TEST_F(NotifierTest, ACommandIsNotRunHereButItsBeginIsOnRecord) {
    happen(3);
    add("next", NotifyKind::command).command = {"/bin/true"};
    start();
    happen();
    EXPECT_TRUE(sender.received.empty());
    ASSERT_EQ(store->targets.all().value().size(), 1U);
    EXPECT_EQ(store->targets.all().value()[0].notice, 3);
}

TEST_F(NotifierTest, APingGoesOutWhenAProviderAnswersAndWhileThereIsNothingToAsk) {
    add("alive", NotifyKind::ping);
    settings.poll.interval = 1min;
    start();
    advance(1min);
    EXPECT_EQ(sender.received.size(), 1U);
    wakes.alive.raise_all();
    advance(1s);
    EXPECT_EQ(sender.received.size(), 2U);
    EXPECT_TRUE(sender.received[0].notices.empty());
}

TEST_F(NotifierTest, WithABatchInFlightAPingNeedsAnAnswerOfTheProvider) {
    add("alive", NotifyKind::ping);
    put_in_flight(add_planned("a", {"x"}));
    start();
    advance(1h);
    EXPECT_TRUE(sender.received.empty());
}

TEST_F(NotifierTest, ATestGoesPastAllOthers) {
    add("ops", NotifyKind::slack);
    start();
    happen();
    std::string answered;
    const auto ask = [&]() -> boost::asio::awaitable<void> {
        const auto verdict = co_await notifier->test("ops");
        answered = verdict ? verdict->why : "no";
    };
    tasks->spawn(ask());
    settle();
    EXPECT_EQ(answered, "it answered 200");
    EXPECT_EQ(sender.received.back().notices.front().type, "test");
}

TEST_F(NotifierTest, AnEventThatIsUndoneIsNotTold) {
    add("hook", NotifyKind::webhook);
    start();
    static_cast<void>(store->database.transact([&]() -> Result<void> {
        journal->note(EventKind::provider_open, "never happened");
        return error(Errc::corrupt, "on purpose");
    }));
    settle();
    EXPECT_TRUE(all_keys().empty());
    EXPECT_TRUE(sender.received.empty());
}

TEST_F(NotifierTest, WhatIsToldHasTheWordsOfTheConfigurationAndTheJobAsItWas) {
    const store::Job job = add_claimed("articles", "");
    for (const EventInfo& event : all_events()) journal->note(event.kind, job, "why");
    std::set<std::string> types;
    for (const store::Notice& notice : store->notices.after(0, 100).value()) {
        types.insert(notice.type);
        EXPECT_EQ(notice.job.name, "articles");
        EXPECT_EQ(notice.job.state, "claimed");
        EXPECT_EQ(notice.text, "why");
    }
    EXPECT_EQ(types, std::set<std::string>(config::kNoticeWords.begin(), config::kNoticeWords.end()));
}

}  // namespace
}  // namespace batchd::engine
