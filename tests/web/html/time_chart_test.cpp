#include "web/html/time_chart.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

using namespace std::chrono_literals;

bool shows(const Html& html, std::string_view part) {
    return html.str().find(part) != std::string::npos;
}

const TimePoint kBegin = *parse_utc_text("2026-11-27T12:00:00Z");
const TimeSpan kHour{kBegin, kBegin + 1h};

TEST(TimeChartTest, ABarLiesWhereItsTimeIs) {
    EXPECT_TRUE(shows(span_bar(kHour, kBegin + 15min, kBegin + 30min), "x=\"250\" width=\"250\""));
    EXPECT_TRUE(shows(span_bar(kHour, kBegin + 15min, {}), "x=\"250\" width=\"750\"")) << "it goes on";
    EXPECT_EQ(span_bar(kHour, {}, {}).str(), "");
}

TEST(TimeChartTest, AMomentIsSeenAsWell) {
    EXPECT_TRUE(shows(span_bar(kHour, kBegin, kBegin), "x=\"0\" width=\"8\""));
    EXPECT_TRUE(shows(span_bar(kHour, kBegin + 1h, kBegin + 1h), "x=\"992\" width=\"8\""));
    EXPECT_TRUE(shows(span_bar({kBegin, kBegin}, kBegin, kBegin), "width=\"8\"")) << "no time at all";
    EXPECT_TRUE(shows(span_bar(kHour, kBegin - 1h, kBegin + 9h), "x=\"0\" width=\"1000\""))
        << "clocks are set";
}

TEST(TimeChartTest, ProgressAddsUpInTheOrderOfTime) {
    const Html chart = progress_chart(kHour, {{kBegin + 30min, 25, 25}, {kBegin + 15min, 25, 0}}, 100);
    EXPECT_TRUE(shows(chart, "class=\"failed\" d=\"M0 1000 H250 V750 H500 V250 H1000 V1000 Z\""))
        << chart.str();
    EXPECT_TRUE(shows(chart, "class=\"answered\" d=\"M0 1000 H250 V750 H500 V500 H1000 V1000 Z\""));
    EXPECT_TRUE(shows(progress_chart(kHour, {}, 0), "d=\"M0 1000 H1000 V1000 Z\""));
}

}  // namespace
}  // namespace batchd::web
