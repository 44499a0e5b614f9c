#include "spool/inbox/left_alone.hpp"

#include <gtest/gtest.h>

namespace batchd::spool {
namespace {

TEST(LeftAloneTest, CountsAllAndNamesTheFirstThree) {
    LeftAlone left;
    for (const char* name : {"d.txt", "b.txt", "a.txt", "c.txt"}) left.add(LeftReason::extension, name);
    const LeftFiles& files = left.by_reason().at(LeftReason::extension);
    EXPECT_EQ(files.count, 4U);
    EXPECT_EQ(files.names, (std::set<std::string>{"a.txt", "b.txt", "c.txt"}));
}

TEST(LeftAloneTest, AddsWhatAnotherPageHasFound) {
    LeftAlone left, more;
    left.add(LeftReason::extension, "c.txt");
    for (int i = 0; i < 5; ++i) more.add(LeftReason::extension, "b" + std::to_string(i));
    more.add(LeftReason::link, "l.jsonl");
    left.add(more);
    EXPECT_EQ(left.by_reason().at(LeftReason::extension),
              (LeftFiles{6, std::set<std::string>{"b0", "b1", "b2"}}));
    EXPECT_EQ(left.by_reason().at(LeftReason::link), (LeftFiles{1, std::set<std::string>{"l.jsonl"}}));
}

TEST(LeftAloneTest, SaysHowManyWhichAndWhatToDo) {
    EXPECT_EQ(sentence(LeftReason::extension, {1, {"NIGHTLY.JSONL"}}),
              "1 file that does not end in .jsonl (NIGHTLY.JSONL): rename to NAME.jsonl");
    EXPECT_EQ(sentence(LeftReason::extension, {1'200, {"a", "b", "c"}}),
              "1,200 files that do not end in .jsonl (a, b, c, …): rename to NAME.jsonl");
}

TEST(LeftAloneTest, HasAWordAndARemedyForEachReason) {
    for (const LeftReason reason : {LeftReason::extension, LeftReason::temporary, LeftReason::link,
                                    LeftReason::folder, LeftReason::special, LeftReason::permission,
                                    LeftReason::open, LeftReason::set_aside, LeftReason::hidden}) {
        EXPECT_FALSE(to_string(reason).empty());
        EXPECT_FALSE(remedy(reason).empty());
    }
    EXPECT_EQ(to_string(LeftReason::set_aside), "set_aside");
}

}  // namespace
}  // namespace batchd::spool
