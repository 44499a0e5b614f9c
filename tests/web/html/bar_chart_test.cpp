#include "web/html/bar_chart.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

bool has(const Html& html, std::string_view part) {
    return html.str().find(part) != std::string::npos;
}

TEST(BarChartTest, TheHighestColumnReachesTheTop) {
    const Html chart = column_chart({{"a", 10, 10}, {"b", 5, 0}}, "what");
    EXPECT_TRUE(has(chart, "viewBox=\"0 0 20 1000\"")) << chart.str();
    EXPECT_TRUE(
        has(chart, "<title>a</title><rect class=\"saved\" x=\"1\" y=\"0\" width=\"8\" height=\"500\">"));
    EXPECT_TRUE(has(chart, "<rect class=\"paid\" x=\"1\" y=\"500\" width=\"8\" height=\"500\">"));
    EXPECT_TRUE(has(chart, "<rect class=\"paid\" x=\"11\" y=\"750\" width=\"8\" height=\"250\">"));
}

TEST(BarChartTest, WhatIsThereIsSeen) {
    const Html chart = column_chart({{"a", 1'000'000, 0}, {"b", 1, 0}, {"c", 0, 0}}, "what");
    EXPECT_TRUE(has(chart,
                    "<title>b</title><rect class=\"saved\" x=\"11\" y=\"999\" width=\"8\" height=\"0\">"
                    "</rect><rect class=\"paid\" x=\"11\" y=\"999\" width=\"8\" height=\"1\">"))
        << chart.str();
    EXPECT_TRUE(has(share_bar(1, 1'000'000), "width=\"1\""));
    EXPECT_TRUE(has(share_bar(0, 1'000'000), "width=\"0\""));
}

TEST(BarChartTest, OfNothingIsAnEmptyPicture) {
    EXPECT_TRUE(has(column_chart({}, "what"), "viewBox=\"0 0 10 1000\""));
    EXPECT_TRUE(has(column_chart({{"a", 0, 0}}, "what"), "height=\"0\""));
    EXPECT_TRUE(has(share_bar(0, 0), "width=\"0\""));
}

TEST(BarChartTest, WordsAreNoMarkup) {
    const Html chart = column_chart({{"<script>", 1, 0}}, "\"><script>");
    EXPECT_FALSE(has(chart, "<script>"));
}

}  // namespace
}  // namespace batchd::web
