#include "engine/record/event_kind.hpp"

#include <set>

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

TEST(EventKindTest, EachHasANameOfItsOwnAndAMeaning) {
    std::set<std::string_view> names;
    for (const EventInfo& event : all_events()) {
        EXPECT_FALSE(event.name.empty());
        EXPECT_EQ(event.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
            << event.name;
        EXPECT_TRUE(names.insert(event.name).second) << event.name << " is there twice";
        EXPECT_GT(event.meaning.size(), 20U) << event.name;
        EXPECT_EQ(event.meaning.back(), '.') << event.name;
        EXPECT_EQ(&info(event.kind), &event);
    }
}

TEST(EventKindTest, NoKindIsLeftOut) {
    EXPECT_EQ(all_events().back().kind, EventKind::work_unknown);
    EXPECT_EQ(all_events().size(), static_cast<std::size_t>(EventKind::work_unknown) + 1);
}

}  // namespace
}  // namespace batchd::engine
