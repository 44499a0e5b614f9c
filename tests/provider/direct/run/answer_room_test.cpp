#include "provider/direct/run/answer_room.hpp"

#include <deque>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"
#include "support/run.hpp"

namespace batchd::provider::direct {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint64_t kLong = 2 * AnswerRoom::kShortBytesMax;

struct AnswerRoomTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context, TimePoint(1000s)};
    AnswerRoom room{context.get_executor(), clock};
    TaskGroup group{context.get_executor()};
    std::vector<int> read;

    asio::awaitable<void> more(AnswerRoom::Hold& hold, int which, std::uint64_t bytes, unsigned in_flight) {
        co_await hold.more(bytes, in_flight);
        read.push_back(which);
    }
    void ask(AnswerRoom::Hold& hold, int which, std::uint64_t bytes, unsigned in_flight = 64) {
        group.spawn(more(hold, which, bytes, in_flight));
        clock.advance(0s);
    }
};

TEST_F(AnswerRoomTest, TwoLongAnswersAreReadAtATimeAndAnyNumberOfShortOnes) {
    std::deque<std::optional<AnswerRoom::Hold>> holds(5);
    for (auto& hold : holds) hold.emplace(room);
    for (int i = 0; i < 5; ++i) ask(*holds[static_cast<std::size_t>(i)], i, 1000);
    EXPECT_EQ(read, (std::vector<int>{0, 1, 2, 3, 4}));
    read.clear();
    for (int i = 0; i < 3; ++i) ask(*holds[static_cast<std::size_t>(i)], i, kLong);
    EXPECT_EQ(read, (std::vector<int>{0, 1}));
    ask(*holds[1], 1, 10 * kLong);
    EXPECT_EQ(read, (std::vector<int>{0, 1, 1})) << "it goes on to its end";
    clock.advance(7s);
    EXPECT_EQ(holds[2]->waited(), 7s);
    holds[0].reset();
    clock.advance(0s);
    EXPECT_EQ(read.back(), 2);
    clock.advance(7s);
    EXPECT_EQ(holds[2]->waited(), 7s);
    testing::run(context, group.join());
}

TEST_F(AnswerRoomTest, WhereManyAreInFlightTheShareOfEachIsSmaller) {
    AnswerRoom::Hold first(room), second(room);
    std::optional<AnswerRoom::Hold> third(std::in_place, room);
    ask(first, 1, 100'000, 1024);
    ask(second, 2, 100'000, 1024);
    ask(*third, 3, 60'000, 1024);
    ask(*third, 3, 100'000, 1024);
    EXPECT_EQ(read, (std::vector<int>{1, 2, 3}));
    group.cancel();
    testing::run(context, group.join());
}

TEST_F(AnswerRoomTest, LinesThatWaitForTheDiskFillItUntilTheyAreThere) {
    std::optional<AnswerRoom::Hold> first(std::in_place, room), second(std::in_place, room);
    first->becomes_line(AnswerRoom::kWaitingBytesMax);
    EXPECT_FALSE(room.is_full());
    second->becomes_line(1);
    EXPECT_TRUE(room.is_full());
    first.reset();
    EXPECT_FALSE(room.is_full());
}

}  // namespace
}  // namespace batchd::provider::direct
