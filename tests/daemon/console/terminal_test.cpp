#include "daemon/console/terminal.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

using ShownLines = std::vector<std::string>;

TEST(FitLinesTest, WhatHasRoomIsShownAsItIs) {
    EXPECT_EQ(fit_lines({"a", "b"}, 1, 2), (ShownLines{"a", "b"}));
}

TEST(FitLinesTest, TheFootIsNeverLeftOutNorWhatComesFirst) {
    EXPECT_EQ(fit_lines({"title", "1", "2", "3", "4", "", "summary"}, 2, 5),
              (ShownLines{"title", "1", "... and 3 more lines", "", "summary"}));
}

TEST(FitLinesTest, ALowTerminalShowsTheEndOfTheFoot) {
    EXPECT_EQ(fit_lines({"title", "1", "a", "b", "c"}, 3, 3), (ShownLines{"... and 3 more lines", "b", "c"}));
    EXPECT_EQ(fit_lines({"title", "1", "2"}, 1, 1), (ShownLines{"... and 3 more lines"}));
}

}  // namespace
}  // namespace batchd
