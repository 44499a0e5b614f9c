#include "base/async/turnstile.hpp"

#include <string>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct TurnstileTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    Turnstile turnstile{context.get_executor(), 1};
    TaskGroup first{context.get_executor()};
    TaskGroup others{context.get_executor()};
    std::string inside;

    asio::awaitable<void> visit(char name, int priority = 0) {
        const auto pass = co_await turnstile.enter(priority);
        inside += name;
        co_await clock.sleep_for(1s);
    }
};

TEST_F(TurnstileTest, LetsTheOthersInOneByOneInTheirOrder) {
    for (const char name : {'a', 'b', 'c'}) others.spawn(visit(name));
    clock.advance(0s);
    EXPECT_EQ(inside, "a");
    clock.advance(1s);
    EXPECT_EQ(inside, "ab");
    clock.advance(2s);
    EXPECT_EQ(inside, "abc");
    EXPECT_EQ(others.size(), 0U);
}

TEST_F(TurnstileTest, AHigherPriorityStandsBeforeTheOthersOfTheLine) {
    others.spawn(visit('a'));
    others.spawn(visit('l', -1));
    others.spawn(visit('b'));
    others.spawn(visit('h', 1));
    others.spawn(visit('i', 1));
    others.spawn(visit('c'));
    clock.advance(6s);
    EXPECT_EQ(inside, "ahibcl");
}

TEST_F(TurnstileTest, OneWhoIsCancelledInLineStepsOutOfIt) {
    others.spawn(visit('a'));
    first.spawn(visit('b'));
    others.spawn(visit('c'));
    clock.advance(0s);
    first.cancel();
    clock.advance(3s);
    EXPECT_EQ(inside, "ac");
}

TEST_F(TurnstileTest, OneWhoIsCancelledInsideMakesRoom) {
    first.spawn(visit('a'));
    others.spawn(visit('b'));
    clock.advance(0s);
    first.cancel();
    clock.advance(3s);
    EXPECT_EQ(inside, "ab");
    EXPECT_EQ(others.size(), 0U);
}

}  // namespace
}  // namespace batchd
