#include "provider/validation/named_lines.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

using Lines = std::vector<std::uint64_t>;

TEST(NamedLinesTest, ReadsTheLinesThatAMessageNames) {
    EXPECT_EQ(named_lines("Line 4: missing required field 'url'"), (Lines{4}));
    EXPECT_EQ(named_lines("line 12 is not valid"), (Lines{12}));
    EXPECT_EQ(named_lines("Invalid body on line 7."), (Lines{7}));
    EXPECT_EQ(named_lines("(line: 3)"), (Lines{3}));
    EXPECT_EQ(named_lines("line #5, line 6"), (Lines{5, 6}));
    EXPECT_EQ(named_lines("line number 9"), (Lines{9}));
    EXPECT_EQ(named_lines("line_number=9"), (Lines{9}));
    EXPECT_EQ(named_lines("Lines 3, 8 and 12 have no url"), (Lines{3, 8, 12}));
    EXPECT_EQ(named_lines("Line 2: no url\nLine 5: no method"), (Lines{2, 5}));
}

TEST(NamedLinesTest, TakesNothingElseForALine) {
    for (const auto* message :
         {"", "line", "line ", "no line here", "the deadline 5 is over", "pipeline 3 failed", "mainline 4",
          "Expecting ',' delimiter: line 1 column 5 (char 4)", "at line 1, column 2", "inline 3",
          "a line of 3 bytes", "row 4", "99999999999999999999 lines", "line 99999999999999999999999"})
        EXPECT_EQ(named_lines(message), Lines{}) << message;
}

}  // namespace
}  // namespace batchd::provider
