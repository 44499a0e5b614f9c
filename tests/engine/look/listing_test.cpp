#include "engine/look/listing.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "support/run.hpp"

namespace batchd::engine {
namespace {

namespace asio = boost::asio;
using provider::Answer;
using provider::Failure;
using provider::FailureKind;
using provider::FileObject;
using provider::Page;

struct ListingTest : ::testing::Test {
    asio::io_context context{1};
    std::vector<std::string> cursors;
    std::vector<std::string> visited;
    std::string enough_at;

    /// Walks through what `answer` gives for each cursor.
    Answer<Extent> walk(const std::function<Answer<Page<FileObject>>(const std::string&)>& answer,
                        unsigned pages_max = 100) {
        auto fetch = [&](std::string after) -> asio::awaitable<Answer<Page<FileObject>>> {
            cursors.push_back(after);
            co_return answer(after);
        };
        auto visit = [&](const FileObject& file) {
            visited.push_back(file.id);
            return file.id == enough_at ? Visit::enough : Visit::go_on;
        };
        // A coroutine's result has to be default constructible to travel through a future.
        auto whole = [&](Answer<Extent>& extent) -> asio::awaitable<void> {
            extent = co_await walk_listing<FileObject>(fetch, visit, pages_max);
        };
        Answer<Extent> extent = Extent::whole;
        testing::run(context, whole(extent));
        return extent;
    }
    static Page<FileObject> page(int from, int to, bool has_more) {
        Page<FileObject> result;
        for (int i = from; i < to; ++i) result.items.push_back({.id = std::to_string(i)});
        result.has_more = has_more;
        return result;
    }
    static std::vector<std::string> ids(int from, int to) {
        std::vector<std::string> result;
        for (int i = from; i < to; ++i) result.push_back(std::to_string(i));
        return result;
    }
    /// An honest listing of `count` items, `size` a page.
    static auto honest(int count, int size) {
        return [=](const std::string& after) -> Answer<Page<FileObject>> {
            const int from = after.empty() ? 0 : std::stoi(after) + 1;
            const int to = std::min(count, from + size);
            return page(from, to, to < count);
        };
    }
};

TEST_F(ListingTest, AnEmptyListingIsWhole) {
    EXPECT_EQ(walk(honest(0, 100)).value(), Extent::whole);
    EXPECT_TRUE(visited.empty());
    EXPECT_EQ(cursors, std::vector<std::string>{""});
}

TEST_F(ListingTest, AnEmptyPageThatClaimsToHaveMoreIsNotTheWholeListing) {
    EXPECT_EQ(walk([](const std::string&) { return page(0, 0, true); }).value(), Extent::cut_short);
}

TEST_F(ListingTest, ShowsEachItemOnceThroughOverlappingPages) {
    EXPECT_EQ(walk(honest(250, 100)).value(), Extent::whole);
    EXPECT_EQ(visited, ids(0, 250));
    EXPECT_EQ(cursors, (std::vector<std::string>{"", "94", "189"}));
}

TEST_F(ListingTest, FindsAnItemThatThePageEdgeSkipped) {
    // The item 99 shares its second with the cursor, and is only shown to who asks from further up.
    const auto skipping = [](const std::string& after) -> Answer<Page<FileObject>> {
        Page<FileObject> result = honest(200, 100)(after).value();
        if (after == "") result.items.pop_back();
        return result;
    };
    EXPECT_EQ(walk(skipping).value(), Extent::whole);
    EXPECT_EQ(visited, ids(0, 200));
}

TEST_F(ListingTest, PassesOverRepeatedItems) {
    const auto repeating = [](const std::string& after) -> Answer<Page<FileObject>> {
        return after.empty() ? page(0, 20, true) : page(10, 30, false);
    };
    EXPECT_EQ(walk(repeating).value(), Extent::whole);
    EXPECT_EQ(visited, ids(0, 30));
}

TEST_F(ListingTest, EndsWhereTheVisitorHasSeenEnough) {
    enough_at = "3";
    EXPECT_EQ(walk(honest(250, 100)).value(), Extent::enough);
    EXPECT_EQ(visited, ids(0, 4));
}

TEST_F(ListingTest, EndsOfAListingThatFalselySaysThatItHasMore) {
    const auto lying = [](const std::string& after) -> Answer<Page<FileObject>> {
        Page<FileObject> result = honest(150, 100)(after).value();
        result.has_more = true;
        return result;
    };
    EXPECT_EQ(walk(lying).value(), Extent::whole);
    EXPECT_EQ(visited, ids(0, 150));
}

TEST_F(ListingTest, DoesNotCallAListingWholeThatIgnoresTheCursor) {
    const auto stuck = [](const std::string&) -> Answer<Page<FileObject>> { return page(0, 100, true); };
    EXPECT_EQ(walk(stuck).value(), Extent::cut_short) << "what is behind the first page nobody has seen";
    EXPECT_EQ(cursors.size(), 2U);
}

TEST_F(ListingTest, IsCutShortAtTheMostPages) {
    EXPECT_EQ(walk(honest(1000, 100), 3).value(), Extent::cut_short);
    EXPECT_EQ(cursors.size(), 3U);
    EXPECT_EQ(visited, ids(0, 290));
}

TEST_F(ListingTest, GoesThroughPagesOfOneItem) {
    EXPECT_EQ(walk(honest(7, 1)).value(), Extent::whole);
    EXPECT_EQ(visited, ids(0, 7));
}

TEST_F(ListingTest, AnswersTheFailureOfAPage) {
    const auto failing = [](const std::string& after) -> Answer<Page<FileObject>> {
        if (after.empty()) return page(0, 100, true);
        return Failure{.kind = FailureKind::unavailable};
    };
    const auto extent = walk(failing);
    ASSERT_FALSE(extent);
    EXPECT_EQ(extent.error().kind, FailureKind::unavailable);
    EXPECT_EQ(visited, ids(0, 100));
}

}  // namespace
}  // namespace batchd::engine
