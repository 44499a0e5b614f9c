#include "report/text_table.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

using Lines = std::vector<std::string>;

TextTable jobs() {
    TextTable table({{.title = "ID", .align = TextTable::Align::right},
                     {.title = "NAME", .cut_to = 6},
                     {.title = "STATE"},
                     {.title = "NOTE", .dispensable = 2, .cut_to = 8},
                     {.title = "AGE", .dispensable = 1}});
    table.add({"7", "articles-of-the-week", "running", "two batches are at the provider", "3m"});
    table.add({"12", "b", "done", "", "1h"});
    return table;
}

TEST(TextTableTest, IsAsWideAsItsContentWithoutALimit) {
    EXPECT_EQ(jobs().lines(0),
              (Lines{"ID  NAME                  STATE    NOTE                             AGE",
                     " 7  articles-of-the-week  running  two batches are at the provider  3m",
                     "12  b                     done                                      1h"}));
}

TEST(TextTableTest, CutsWhatMayBeCutTheLastColumnFirst) {
    EXPECT_EQ(jobs().lines(60), (Lines{"ID  NAME                  STATE    NOTE                  AGE",
                                       " 7  articles-of-the-week  running  two batches are at ~  3m",
                                       "12  b                     done                           1h"}));
}

TEST(TextTableTest, LeavesOutWhatItCanDoWithoutWhenThereIsNoRoom) {
    EXPECT_EQ(jobs().lines(26), (Lines{"ID  NAME      STATE    AGE", " 7  article~  running  3m",
                                       "12  b         done     1h"}));
}

TEST(TextTableTest, NoLineIsEverWiderThanItMayBe) {
    for (std::size_t width = 1; width < 90; ++width)
        for (const std::string& line : jobs().lines(width)) EXPECT_LE(width_of(line), width) << line;
}

TEST(WidthTest, CountsColumnsAndNotBytes) {
    EXPECT_EQ(width_of("abc"), 3U);
    EXPECT_EQ(width_of("äöü"), 3U);
    EXPECT_EQ(width_of("日本"), 4U);
    EXPECT_EQ(width_of("e\xCC\x81"), 1U);  // with a combining accent
    EXPECT_EQ(width_of("😀"), 2U);
}

TEST(FitTest, CutsBetweenCharacters) {
    EXPECT_EQ(fit("äöü", 3), "äöü");
    EXPECT_EQ(fit("äöü", 2), "ä~");
    EXPECT_EQ(fit("日本語", 4), "日~");
    EXPECT_EQ(fit("abc", 1), "~");
    EXPECT_EQ(fit("abc", 0), "");
}

}  // namespace
}  // namespace batchd::report
