#include "web/pages/spending_page.hpp"

#include <algorithm>
#include <cstdio>

#include "report/money_text.hpp"
#include "web/html/bar_chart.hpp"
#include "web/html/money.hpp"
#include "web/html/words.hpp"
#include "web/request/number.hpp"

namespace batchd::web {
namespace {

using store::SpendingRow;

// A quarter of a year: more columns would be too thin to point at.
constexpr std::size_t kColumnsMax = 92;
// A century, so that going back from now stays within what a time can hold.
constexpr unsigned kDaysMax = 36'500;

/// "2026-11-27" as a day; nothing for another text.
std::optional<std::chrono::sys_days> day_of(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0;
    // The rows are the database's own texts; another one is a row that can't be placed.
    if (std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) return std::nullopt;
    const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::string day_text(std::chrono::sys_days day) {
    return to_utc_text(TimePoint(day)).substr(0, 10);
}

std::uint64_t amount(const std::optional<std::int64_t>& money) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(money.value_or(0), 0));
}

/// What bars show: money, or tokens where no price is known.
std::uint64_t size_of(const SpendingRow& row, bool has_money) {
    return has_money ? amount(row.spent.cost) : row.input_tokens + row.output_tokens;
}

Column column_of(const SpendingRow& row, bool has_money) {
    Column column;
    column.paid = size_of(row, has_money);
    column.saved = has_money ? amount(report::saved(row.spent)) : 0;
    column.words = row.name + ": " +
                   (has_money ? report::money_text(row.spent.cost) + " USD, " +
                                    report::money_text(report::saved(row.spent)) + " saved"
                              : with_commas(column.paid) + " tokens");
    return column;
}

Html days_chart(const std::vector<SpendingRow>& rows, bool has_money) {
    const std::vector<SpendingRow> days = every_day(rows);
    Html html;
    if (days.empty()) return html;
    std::vector<Column> columns;
    for (const SpendingRow& day : days) columns.push_back(column_of(day, has_money));
    const auto highest = std::max_element(columns.begin(), columns.end(), [](const auto& a, const auto& b) {
        return a.paid + a.saved < b.paid + b.saved;
    });
    html << "<figure class=\"chart\"><figcaption>";
    if (has_money)
        html << "<span class=\"key paid\">paid</span> <span class=\"key saved\">saved</span> ";
    else
        html << "<span class=\"key paid\">tokens</span> (no price is known) ";
    html << "a day; the highest is " << Text(highest->words) << "</figcaption>"
         << column_chart(columns, "Columns for each day from " + days.front().name + " to " +
                                      days.back().name + "; the table has the numbers")
         << "<div class=\"axis\"><span>" << Text(days.front().name) << "</span><span>"
         << Text(days.back().name) << "</span></div></figure>";
    return html;
}

Html cells(const SpendingRow& row) {
    Html html;
    html << "<td class=\"number\">" << money_html(row.spent.cost) << "</td><td class=\"number\">"
         << money_html(row.spent.cost_sync) << "</td><td class=\"number\">"
         << money_html(report::saved(row.spent)) << "</td><td class=\"number\">" << number_html(row.requests)
         << "</td><td class=\"number\">" << number_html(row.input_tokens) << "</td><td class=\"number\">"
         << number_html(row.spent.cached_tokens) << "</td><td class=\"number\">"
         << number_html(row.output_tokens) << "</td><td class=\"number\">"
         << number_html(row.spent.reasoning_tokens) << "</td><td class=\"number\">"
         << number_html(row.spent.unpriced) << "</td></tr>";
    return html;
}

/// As people look for them: the newest day first, and of models and queues what costs most.
std::vector<SpendingRow> in_order(const report::Spending& spending, bool has_money) {
    std::vector<SpendingRow> rows(spending.rows.rbegin(), spending.rows.rend());
    // Stable, so that rows of the same size stay where they were, and the page does not jump at a reload.
    if (spending.by != store::SpendingBy::day)
        std::stable_sort(rows.begin(), rows.end(), [&](const SpendingRow& a, const SpendingRow& b) {
            return size_of(a, has_money) > size_of(b, has_money);
        });
    return rows;
}

Html spending_table(const report::Spending& spending, Markup title, bool has_money) {
    Html html;
    html << "<div class=\"wide\" tabindex=\"0\"><table><caption>By " << title
         << "</caption><thead><tr><th scope=\"col\">" << title
         << "</th><th scope=\"col\">Compared</th><th scope=\"col\">USD</th><th scope=\"col\">Without "
            "batches</th><th scope=\"col\">Saved</th>"
            "<th scope=\"col\">Requests</th><th scope=\"col\">Tokens in</th><th scope=\"col\">of them "
            "cached</th><th scope=\"col\">Tokens out</th><th scope=\"col\">of them reasoning</th><th "
            "scope=\"col\">Without a price</th></tr></thead><tbody>";
    std::uint64_t largest = 0;
    // Bars are measured against the largest row and not against the sum: with many rows all would be slivers.
    for (const SpendingRow& row : spending.rows) largest = std::max(largest, size_of(row, has_money));
    for (const SpendingRow& row : in_order(spending, has_money))
        html << "<tr><th scope=\"row\" class=\"name\">" << Text(row.name.empty() ? "—" : row.name)
             << "</th><td>" << share_bar(size_of(row, has_money), largest) << "</td>" << cells(row);
    html << "</tbody><tfoot><tr><th scope=\"row\">in all</th><td></td>" << cells(spending.total)
         << "</tfoot></table></div>";
    return html;
}

Html choices(const SpendingTime& time) {
    Html html;
    html << "<nav aria-label=\"For how long\" class=\"choices\"><ul>";
    for (const unsigned days : {7U, 30U, 90U, 0U}) {
        html << "<li><a href=\"/spending?days=";
        days == 0 ? html << "all" : html << days;
        html << "\"";
        if (days == time.days) html << " aria-current=\"page\"";
        html << ">";
        days == 0 ? html << "all" : html << days << " days";
        html << "</a></li>";
    }
    return std::move(html << "</ul></nav>");
}

Html summary(const SpendingRow& total) {
    Html html;
    html << "<p class=\"sum\">";
    if (total.spent.cost) {
        html << "<strong>" << Text(report::money_text(total.spent.cost)) << " USD</strong> paid";
        if (const auto saved = report::saved(total.spent))
            html << ", <strong>" << Text(report::money_text(saved)) << " USD</strong> saved against the "
                 << "price without batches";
        html << ", ";
    }
    html << "for " << number_html(total.requests) << " requests.</p>";
    if (total.spent.unpriced > 0)
        html << "<p>" << number_html(total.spent.unpriced)
             << " answers could not be priced, and are in no sum: <code>prices.file</code> may know "
                "more.</p>";
    return html;
}

}  // namespace

SpendingTime SpendingTime::of(const Fields& query) {
    const std::string& text = query["days"];
    if (text == "all") return {0};
    const auto days = parse_number(text);
    return days && *days <= kDaysMax ? SpendingTime{static_cast<unsigned>(*days)} : SpendingTime();
}

TimePoint SpendingTime::since(TimePoint now) const {
    return days == 0 ? TimePoint{} : now - std::chrono::days(days);
}

std::vector<SpendingRow> every_day(const std::vector<SpendingRow>& rows) {
    std::vector<SpendingRow> days;
    for (const SpendingRow& row : rows) {
        const auto day = day_of(row.name);
        if (!day) continue;
        if (!days.empty()) {
            auto next = *day_of(days.back().name) + std::chrono::days(1);
            // What would be cut off again is not made: years may lie between two rows.
            next = std::max(next, *day - std::chrono::days(kColumnsMax));
            for (; next < *day; next += std::chrono::days(1)) days.push_back({.name = day_text(next)});
        }
        days.push_back(row);
    }
    if (days.size() > kColumnsMax) days.erase(days.begin(), days.end() - kColumnsMax);
    return days;
}

Html spending_page(const Frame& frame, const report::Status& status, const SpendingViews& views,
                   const SpendingTime& time) {
    // Decided once for all three tables: bars of money beside bars of tokens would be compared.
    const bool has_money = views.by_day.total.spent.cost.has_value();
    Html body;
    body << choices(time);
    if (views.by_day.rows.empty()) {
        body << "<p>Nothing was collected in this time.</p>";
        return page_html(frame, "Spending", &status, body);
    }
    body << summary(views.by_day.total) << days_chart(views.by_day.rows, has_money)
         << spending_table(views.by_day, "day", has_money)
         << spending_table(views.by_model, "model", has_money)
         << spending_table(views.by_queue, "queue", has_money);
    return page_html(frame, "Spending", &status, body);
}

}  // namespace batchd::web
