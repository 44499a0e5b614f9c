#include "base/async/wall_clock.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"
#include "support/run.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The system's clock, seen through glasses: each look shows the next of `shown`, then the truth.
class SetClock final : public Clock {
public:
    explicit SetClock(std::vector<Millis> shown) : shown_(std::move(shown)) {}

    TimePoint now() const override {
        const Millis ahead = looks_ < shown_.size() ? shown_[looks_] : 0ms;
        ++looks_;
        return system_->now() + ahead;
    }
    Millis uptime() const override { return system_->uptime(); }
    asio::awaitable<void> sleep_for(Millis delay) override { return system_->sleep_for(delay); }
    asio::awaitable<void> wait_until(TimePoint moment) override { return wait_on_wall_clock(*this, moment); }
    asio::awaitable<void> wait_until_set() override { return wait_until_wall_clock_is_set(*this); }
    std::size_t looks() const { return looks_; }

private:
    std::unique_ptr<Clock> system_ = make_system_clock();
    std::vector<Millis> shown_;
    mutable std::size_t looks_ = 0;
};

/// What the kernel says of the timers that this process has.
std::vector<std::string> kernel_timers() {
    std::vector<std::string> timers;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
        std::ifstream file(entry.path());
        std::ostringstream text;
        text << file.rdbuf();
        if (text.str().find("clockid:") != std::string::npos) timers.push_back(text.str());
    }
    return timers;
}

TEST(WallClockTest, AMomentThatHasComeIsNotWaitedFor) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    const TimePoint begin = clock->now();
    testing::run(context, clock->wait_until(begin));
    testing::run(context, clock->wait_until(begin - 1h));
    EXPECT_LT(clock->now() - begin, 1min);
}

TEST(WallClockTest, ReturnsWhenTheClockShowsTheMoment) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    const TimePoint moment = clock->now() + 30ms;
    testing::run(context, clock->wait_until(moment));
    EXPECT_GE(clock->now(), moment);
}

TEST(WallClockTest, WaitsOnWhenTheClockWasSetBackMeanwhile) {
    asio::io_context context(1);
    // By so much that it has not come at either look, however slow the machine is.
    SetClock clock({0ms, -1h, -1h});
    testing::run(context, clock.wait_until(clock.now() + 20ms));
    // Ours, the one before the wait, the one after it that shows an earlier time, and at least one more.
    EXPECT_GE(clock.looks(), 4U);
}

/// The kernel is asked to wake `wait` when the clock is set.
void expect_woken_when_set(asio::io_context& context, asio::awaitable<void> wait) {
    TaskGroup tasks(context.get_executor());
    tasks.spawn(std::move(wait));
    context.poll();
    const auto timers = kernel_timers();
    // Asio has one of its own, on the clock that never jumps.
    const auto wall = std::find_if(timers.begin(), timers.end(), [](const std::string& timer) {
        return timer.find("clockid: 0\n") != std::string::npos;
    });
    ASSERT_NE(wall, timers.end());
    // TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, in octal.
    EXPECT_NE(wall->find("settime flags: 03\n"), std::string::npos) << *wall;
    tasks.cancel();
    testing::run(context, tasks.join());
}

TEST(WallClockTest, AsksTheKernelToBeWokenWhenTheClockIsSet) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    expect_woken_when_set(context, clock->wait_until(clock->now() + 24h));
}

TEST(WallClockTest, SoItDoesWhereNothingElseIsWaitedFor) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    expect_woken_when_set(context, clock->wait_until_set());
}

TEST(WallClockTest, UnwindsWhenCancelled) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    TaskGroup tasks(context.get_executor());
    bool woken = false;
    tasks.spawn([](Clock& wall, bool& over) -> asio::awaitable<void> {
        co_await wall.wait_until(wall.now() + 24h);
        over = true;
    }(*clock, woken));
    context.poll();
    const std::size_t timers = kernel_timers().size();
    tasks.cancel();
    testing::run(context, tasks.join());
    EXPECT_FALSE(woken);
    EXPECT_EQ(kernel_timers().size(), timers - 1);
}

struct ManualWallClockTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    TaskGroup tasks{context.get_executor()};
    std::vector<std::string> woken;

    asio::awaitable<void> until(TimePoint moment, std::string name) {
        co_await clock.wait_until(moment);
        woken.push_back(std::move(name));
    }
    asio::awaitable<void> delay(Millis time, std::string name) {
        co_await clock.sleep_for(time);
        woken.push_back(std::move(name));
    }
    void SetUp() override {
        tasks.spawn(until(TimePoint{60s}, "moment"));
        tasks.spawn(delay(60s, "delay"));
        clock.advance(10s);
    }
    void TearDown() override {
        tasks.cancel();
        testing::run(context, tasks.join());
    }
};

TEST_F(ManualWallClockTest, AMomentComesEarlierWhenTheClockIsSetForward) {
    clock.set_by(50s);
    EXPECT_EQ(woken, std::vector<std::string>{"moment"});
    EXPECT_EQ(clock.uptime(), 10s);
    clock.advance(50s);
    EXPECT_EQ(woken, (std::vector<std::string>{"moment", "delay"}));
}

TEST_F(ManualWallClockTest, WhoWaitsForItToBeSetIsWokenByThatAlone) {
    tasks.spawn([](Clock& wall, std::vector<std::string>& all) -> asio::awaitable<void> {
        co_await wall.wait_until_set();
        all.push_back("set");
    }(clock, woken));
    clock.advance(10s);
    EXPECT_TRUE(woken.empty());
    clock.set_by(-1h);
    EXPECT_EQ(woken, std::vector<std::string>{"set"});
}

TEST_F(ManualWallClockTest, AMomentComesLaterWhenTheClockIsSetBack) {
    clock.set_by(-1h);
    clock.advance(50s);
    EXPECT_EQ(woken, std::vector<std::string>{"delay"});
    clock.advance(1h);
    EXPECT_EQ(woken, (std::vector<std::string>{"delay", "moment"}));
}

}  // namespace
}  // namespace batchd
