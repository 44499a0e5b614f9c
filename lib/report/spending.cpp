#include "report/spending.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/text/json_values.hpp"
#include "base/units.hpp"
#include "money/money_json.hpp"
#include "report/money_text.hpp"
#include "report/text_table.hpp"

namespace batchd::report {
namespace {

namespace json = boost::json;
using store::SpendingBy;
using store::SpendingRow;
using Align = TextTable::Align;

void add(SpendingRow& total, const SpendingRow& row) {
    total.requests += row.requests;
    total.input_tokens += row.input_tokens;
    total.output_tokens += row.output_tokens;
    total.spent += row.spent;
}

json::object row_json(const SpendingRow& row) {
    return {{"requests", row.requests},
            {"input_tokens", row.input_tokens},
            {"cached_tokens", row.spent.cached_tokens},
            {"output_tokens", row.output_tokens},
            {"reasoning_tokens", row.spent.reasoning_tokens},
            {"cost", money::money_or_null(row.spent.cost)},
            {"cost_sync", money::money_or_null(row.spent.cost_sync)},
            {"saved", money::money_or_null(saved(row.spent))},
            {"unpriced", row.spent.unpriced}};
}

std::vector<std::string> cells_of(std::string name, const SpendingRow& row) {
    return {std::move(name),
            with_commas(row.requests),
            with_commas(row.input_tokens),
            with_commas(row.output_tokens),
            money_text(row.spent.cost),
            money_text(saved(row.spent)),
            row.spent.unpriced > 0 ? with_commas(row.spent.unpriced) : ""};
}

std::string name_of(const SpendingRow& row) {
    const std::string name = printable(row.name);
    return row.job_id ? std::to_string(row.job_id->value) + " " + name : name;
}

}  // namespace

Result<Spending> read_spending(store::Store& store, SpendingBy by, TimePoint since) {
    auto rows = store::spending(store.database, by, since);
    if (!rows) return rows.error();
    Spending spending{by, std::move(*rows), {}};
    for (const SpendingRow& row : spending.rows) add(spending.total, row);
    return spending;
}

std::vector<std::string> spending_text(const Spending& spending, std::size_t width) {
    if (spending.rows.empty()) return {"nothing was collected in this time"};
    std::string title(store::to_string(spending.by));
    for (char& c : title) c = static_cast<char>(c - 'a' + 'A');
    TextTable table({{.title = std::move(title), .cut_to = 12},
                     {.title = "REQUESTS", .align = Align::right},
                     {.title = "TOKENS IN", .align = Align::right, .dispensable = 2},
                     {.title = "OUT", .align = Align::right, .dispensable = 2},
                     {.title = "USD", .align = Align::right},
                     {.title = "SAVED", .align = Align::right},
                     {.title = "UNPRICED", .align = Align::right, .dispensable = 1}});
    for (const SpendingRow& row : spending.rows) table.add(cells_of(name_of(row), row));
    table.add(cells_of("in all", spending.total));
    return table.lines(width);
}

std::string spending_json(const Spending& spending) {
    json::array rows;
    for (const SpendingRow& row : spending.rows) {
        json::object object;
        if (row.job_id) object["job_id"] = row.job_id->value;
        object[store::to_string(spending.by)] = printable(row.name);
        for (auto& [key, value] : row_json(row)) object[key] = value;
        rows.push_back(std::move(object));
    }
    return json::serialize(json::object{{"by", store::to_string(spending.by)},
                                        {"rows", std::move(rows)},
                                        {"total", row_json(spending.total)}});
}

}  // namespace batchd::report
