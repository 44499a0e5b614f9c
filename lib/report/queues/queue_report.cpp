#include "report/queues/queue_report.hpp"

#include <algorithm>
#include <tuple>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/text/json_values.hpp"
#include "base/units.hpp"
#include "config/effective.hpp"
#include "money/budget/admission.hpp"
#include "money/money_json.hpp"
#include "report/text_table.hpp"
#include "schedule/next_moment.hpp"

namespace batchd::report {

namespace json = boost::json;

namespace {

/// A row of the view `queues`.
struct Counted {
    std::string name, provider;
    std::uint64_t files_waiting = 0, requests_waiting = 0, jobs_running = 0, batches_in_flight = 0;
    std::optional<TimePoint> next_at;
};

auto columns_of(Counted& row) {
    return std::tie(row.name, row.provider, row.files_waiting, row.requests_waiting, row.jobs_running,
                    row.batches_in_flight, row.next_at);
}

/// When its schedule comes next, whether something waits for it or not.
std::optional<TimePoint> by_schedule(const config::Queue& queue) {
    if (queue.schedule.empty()) return std::nullopt;
    const auto cron = schedule::Cron::parse(queue.schedule);
    const auto zone =
        queue.timezone.empty() ? schedule::TimeZone::of_machine() : schedule::TimeZone::load(queue.timezone);
    // The configuration was checked: only a machine that lost its time zones comes here.
    if (!cron || !zone) return std::nullopt;
    return schedule::next_moment(*cron, *zone, make_system_clock()->now());
}

QueueLine configured(const config::Settings& settings, const std::string& name, const config::Queue& queue) {
    QueueLine line;
    line.name = name;
    line.provider = queue.provider.empty() ? std::string(config::kDefaultProvider) : queue.provider;
    line.model = config::model_of(settings, queue);
    line.budget = queue.budget;
    line.next_at = by_schedule(queue);
    return line;
}

std::string why_it_waits(const config::Queue& queue, const std::vector<store::MoneyWaits>& for_money) {
    std::string why;
    const auto add = [&](const std::string& part) { why += (why.empty() ? "" : ", or ") + part; };
    if (queue.collect > Millis{0}) add("for company for " + format_duration(queue.collect));
    if (!queue.schedule.empty()) add("for its schedule, " + queue.schedule);
    if (queue.collect_requests)
        add("until " + count_of(*queue.collect_requests, "request is", "requests are") + " there");
    const auto other = std::any_of(for_money.begin(), for_money.end(), [](const store::MoneyWaits& waits) {
        return waits.what != store::MoneyWait::turn;
    });
    if (other) why = "for money: " + queue.budget + (why.empty() ? "" : "; or ") + why;
    return why.empty() ? "" : "waits " + why;
}

/// Of what was let go today, or this month where the budget is for one; nothing where none of it has a price.
Result<std::optional<std::int64_t>> spent_in(store::Store& store, const QueueLine& line) {
    const auto budget = money::parse_budget(line.budget);
    const auto span = budget ? budget->span : money::BudgetSpan::day;
    const auto period = money::period_of(span, make_system_clock()->now());
    const auto through = store.budgets.let_through(line.name, period.from, period.to);
    if (!through) return through.error();
    return through->is_unknown ? std::nullopt : std::optional(through->paid);
}

Result<void> fill(QueueLine& line, const Counted& row, const config::Settings& settings,
                  store::Store& store) {
    line.files_waiting = row.files_waiting;
    line.requests_waiting = row.requests_waiting;
    line.jobs_running = row.jobs_running;
    line.batches_in_flight = row.batches_in_flight;
    if (row.files_waiting > 0) line.next_at = row.next_at;
    const auto queue = settings.queues.find(row.name);
    const auto for_money = store.budgets.waits(row.name);
    if (!for_money) return for_money.error();
    if (row.files_waiting > 0 && queue != settings.queues.end())
        line.why = why_it_waits(queue->second, *for_money);
    return {};
}

json::object to_json(const QueueLine& line) {
    return {{"name", line.name},
            {"provider", line.provider},
            {"model", text_or_null(line.model)},
            {"files_waiting", line.files_waiting},
            {"requests_waiting", line.requests_waiting},
            {"jobs_running", line.jobs_running},
            {"batches_in_flight", line.batches_in_flight},
            {"next_at", time_or_null(line.next_at)},
            {"why", text_or_null(line.why)},
            {"spent", money::money_or_null(line.spent)},
            {"budget", text_or_null(line.budget)}};
}

}  // namespace

Result<std::vector<QueueLine>> read_queues(store::Store* store, const config::Settings& settings) {
    std::vector<QueueLine> lines{configured(settings, std::string(config::kDefaultQueue), {})};
    for (const auto& [name, queue] : settings.queues) lines.push_back(configured(settings, name, queue));
    if (store == nullptr) return lines;
    const auto rows = store->database.query<Counted>(
        "SELECT name, provider, files_waiting, requests_waiting, jobs_running, batches_in_flight, next_at"
        " FROM queues ORDER BY name");
    if (!rows) return rows.error();
    for (const Counted& row : *rows) {
        auto line = std::find_if(lines.begin(), lines.end(),
                                 [&](const QueueLine& known) { return known.name == row.name; });
        if (line == lines.end() && row.files_waiting + row.jobs_running == 0) continue;
        if (line == lines.end()) {
            line = lines.insert(lines.end(), QueueLine{});
            line->name = row.name;
            line->provider = row.provider;
        }
        if (auto filled = fill(*line, row, settings, *store); !filled) return filled.error();
    }
    for (QueueLine& line : lines) {
        const auto spent = spent_in(*store, line);
        if (!spent) return spent.error();
        line.spent = *spent;
    }
    return lines;
}

std::string money_words(const QueueLine& queue) {
    const std::string spent = queue.spent ? money::to_text(money::NanoDollars(*queue.spent)) : "–";
    return queue.budget.empty() ? spent : spent + " of " + queue.budget;
}

std::string queues_json(const std::vector<QueueLine>& queues) {
    json::array all;
    for (const QueueLine& line : queues) all.push_back(to_json(line));
    return json::serialize(json::object{{"queues", std::move(all)}});
}

std::string queues_text(const std::vector<QueueLine>& queues, std::size_t width) {
    using Align = TextTable::Align;
    TextTable table({{.title = "QUEUE"},
                     {.title = "PROVIDER", .dispensable = 2},
                     {.title = "WAITING", .align = Align::right},
                     {.title = "REQUESTS", .align = Align::right, .dispensable = 3},
                     {.title = "RUNNING", .align = Align::right},
                     {.title = "BATCHES", .align = Align::right, .dispensable = 4},
                     {.title = "SPENT", .align = Align::right, .dispensable = 6},
                     {.title = "SENDS NEXT", .dispensable = 1},
                     {.title = "WHY", .dispensable = 5, .cut_to = 12}});
    for (const QueueLine& line : queues)
        table.add({line.name, line.provider, with_commas(line.files_waiting),
                   with_commas(line.requests_waiting), with_commas(line.jobs_running),
                   with_commas(line.batches_in_flight), money_words(line),
                   line.next_at ? to_utc_text(*line.next_at) : "", line.why});
    std::string text;
    for (const std::string& line : table.lines(width)) text += line + "\n";
    return text;
}

}  // namespace batchd::report
