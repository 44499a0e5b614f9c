#include "web/pages/spending_page.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

using store::SpendingRow;

std::vector<std::string> names(const std::vector<SpendingRow>& rows) {
    std::vector<std::string> all;
    for (const SpendingRow& row : rows) all.push_back(row.name);
    return all;
}

report::Spending spending(store::SpendingBy by, std::vector<SpendingRow> rows) {
    report::Spending whole{by, std::move(rows), {}};
    for (const SpendingRow& row : whole.rows) {
        whole.total.requests += row.requests;
        if (row.spent.cost) whole.total.spent.cost = whole.total.spent.cost.value_or(0) + *row.spent.cost;
        if (row.spent.cost_sync)
            whole.total.spent.cost_sync = whole.total.spent.cost_sync.value_or(0) + *row.spent.cost_sync;
    }
    return whole;
}

std::string page_of(std::vector<SpendingRow> days, std::vector<SpendingRow> models = {}) {
    report::Status status;
    status.pid = 1;
    return spending_page({}, status,
                         {spending(store::SpendingBy::day, std::move(days)),
                          spending(store::SpendingBy::model, std::move(models)),
                          spending(store::SpendingBy::queue, {})},
                         {})
        .str();
}

TEST(SpendingPageTest, DaysWithoutSpendingAreThereAsWell) {
    EXPECT_EQ(names(every_day({{.name = "2026-02-27"}, {.name = "2026-03-02"}})),
              (std::vector<std::string>{"2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"}));
    EXPECT_TRUE(every_day({}).empty());
    EXPECT_TRUE(every_day({{.name = "no day"}}).empty());
}

TEST(SpendingPageTest, OfManyYearsTheLastDaysAreShown) {
    const auto days = every_day({{.name = "1026-11-27"}, {.name = "2026-11-26"}, {.name = "2026-11-27"}});
    EXPECT_EQ(days.size(), 92U);
    EXPECT_EQ(days.front().name, "2026-08-28");
    EXPECT_EQ(days.back().name, "2026-11-27");
}

TEST(SpendingPageTest, GoesBackForAsLongAsIsAsked) {
    const TimePoint now = *parse_utc_text("2026-11-27T12:00:00Z");
    EXPECT_EQ(SpendingTime::of(Fields::parse("days=7")).since(now), now - std::chrono::days(7));
    EXPECT_EQ(SpendingTime::of(Fields::parse("days=all")).since(now), TimePoint{});
    for (const char* nonsense :
         {"", "days=0", "days=-1", "days=x", "days=99999999999999999999", "days=36501"})
        EXPECT_EQ(SpendingTime::of(Fields::parse(nonsense)).days, 30U) << nonsense;
}

TEST(SpendingPageTest, SaysWhatWasPaidAndSaved) {
    SpendingRow day{.name = "2026-11-27", .requests = 5};
    day.spent.cost = 1'250'000'000;
    day.spent.cost_sync = 2'500'000'000;
    SpendingRow model = day;
    model.name = "<b>model</b>";
    const std::string page = page_of({day}, {model});
    EXPECT_NE(page.find("<strong>1.25 USD</strong> paid, <strong>1.25 USD</strong> saved"), std::string::npos)
        << page;
    EXPECT_NE(page.find("&lt;b&gt;model"), std::string::npos);
    EXPECT_NE(page.find("<svg class=\"columns\""), std::string::npos);
}

TEST(SpendingPageTest, ShowsTokensWhereNoPriceIsKnown) {
    const std::string page =
        page_of({{.name = "2026-11-27", .requests = 5, .input_tokens = 70, .output_tokens = 7}});
    EXPECT_NE(page.find("no price is known"), std::string::npos);
    EXPECT_NE(page.find("2026-11-27: 77 tokens"), std::string::npos);
    EXPECT_EQ(page.find("USD</strong> paid"), std::string::npos);
}

TEST(SpendingPageTest, HasThePriceWithoutBatchesAndReasoning) {
    SpendingRow day{.name = "2026-11-27", .requests = 5, .output_tokens = 900};
    day.spent = {.reasoning_tokens = 800, .cost = 1'250'000'000, .cost_sync = 3'750'000'000};
    const std::string page = page_of({day, {.name = "2026-11-28", .requests = 1}});
    EXPECT_NE(page.find("<td class=\"number\">1.25</td><td class=\"number\">3.75</td><td "
                        "class=\"number\">2.50</td>"),
              std::string::npos)
        << page;
    EXPECT_NE(page.find("<td class=\"number\">900</td><td class=\"number\">800</td>"), std::string::npos);
    EXPECT_NE(page.find("<td class=\"number\">unknown</td><td class=\"number\">unknown</td>"),
              std::string::npos);
}

TEST(SpendingPageTest, SaysThatNothingWasSpent) {
    EXPECT_NE(page_of({}).find("Nothing was collected in this time"), std::string::npos);
}

}  // namespace
}  // namespace batchd::web
