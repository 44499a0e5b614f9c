#include "store/money/budgets.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace batchd::store {
namespace {

constexpr std::array kWaits{std::pair{MoneyWait::turn, std::string_view("turn")},
                            std::pair{MoneyWait::money, std::string_view("money")},
                            std::pair{MoneyWait::budget, std::string_view("budget")},
                            std::pair{MoneyWait::price, std::string_view("price")}};

}  // namespace

static auto columns_of(DueJob& job) {
    return std::tie(job.id, job.provider, job.asks, job.waits_for);
}

static auto columns_of(TokenLesson& lesson) {
    return std::tie(lesson.estimated_input, lesson.input, lesson.output);
}

static auto columns_of(LetThrough& sums) {
    return std::tie(sums.paid, sums.expected, sums.is_unknown);
}

static auto columns_of(MoneyWaits& waits) {
    return std::tie(waits.what, waits.files);
}

std::string_view to_string(MoneyWait wait) {
    return std::find_if(kWaits.begin(), kWaits.end(), [&](const auto& row) { return row.first == wait; })
        ->second;
}

bool read_word(std::string_view word, MoneyWait& to) {
    const auto found =
        std::find_if(kWaits.begin(), kWaits.end(), [&](const auto& row) { return row.second == word; });
    if (found != kWaits.end()) to = found->first;
    return found != kWaits.end();
}

Result<void> Budgets::record_asks(JobId id, const std::string& asks) {
    return database_.run("UPDATE jobs SET asks = ? WHERE id = ?", asks, id);
}

// A change to what is there already is none: SQLite would write the row all the same.

Result<void> Budgets::record_estimate(JobId id, std::optional<std::int64_t> nano_dollars) {
    return database_.run("UPDATE jobs SET estimated_cost = ?1 WHERE id = ?2 AND estimated_cost IS NOT ?1",
                         nano_dollars, id);
}

Result<void> Budgets::record_wait(JobId id, MoneyWait wait, std::optional<TimePoint> until) {
    return database_.run(
        "UPDATE jobs SET waits_for = ?1, not_before = ?2 WHERE id = ?3 AND waits = 1"
        " AND (waits_for IS NOT ?1 OR not_before IS NOT ?2)",
        wait, until, id);
}

Result<void> Budgets::record_all_wait(const std::string& queue, JobId first, std::optional<TimePoint> until) {
    return database_.run(
        "UPDATE jobs SET waits_for = 'money', not_before = ?1 WHERE queue = ?2 AND id >= ?3"
        " AND waits_for IN ('turn', 'money') AND (waits_for <> 'money' OR not_before IS NOT ?1)",
        until, queue, first);
}

Result<std::vector<std::string>> Budgets::queues() {
    return database_.query<std::string>("SELECT DISTINCT queue FROM jobs WHERE waits_for IS NOT NULL");
}

Result<std::vector<DueJob>> Budgets::due(const std::string& queue, JobId after, std::size_t count_max) {
    return database_.query<DueJob>(
        "SELECT id, provider, asks, waits_for FROM jobs WHERE queue = ? AND waits_for IS NOT "
        "NULL AND id > ?"
        " ORDER BY id LIMIT ?",
        queue, after, count_max);
}

Result<std::vector<MoneyWaits>> Budgets::waits(const std::string& queue) {
    return database_.query<MoneyWaits>(
        "SELECT waits_for, count(*) FROM jobs WHERE queue = ? AND waits_for IS NOT NULL"
        " GROUP BY waits_for",
        queue);
}

Result<LetThrough> Budgets::let_through(const std::string& queue, TimePoint since, TimePoint until) {
    // An estimate stands for what is not known yet: for the rest of an open job, and for a whole one whose
    // answers nobody can price.
    return database_.query_value<LetThrough>(
        "SELECT coalesce(sum(cost), 0), coalesce(sum(CASE"
        "  WHEN state IN ('claimed', 'planned', 'running', 'delivering')"
        "   THEN max(0, coalesce(estimated_cost, 0) - coalesce(cost, 0))"
        "  WHEN cost IS NULL AND unpriced > 0 THEN coalesce(estimated_cost, 0) ELSE 0 END), 0),"
        " coalesce(sum(cost), 0) = 0 AND coalesce(sum(unpriced), 0) > 0"
        " FROM jobs WHERE queue = ? AND released_at >= ? AND released_at < ?",
        queue, since, until);
}

Result<std::vector<DueJob>> Budgets::unestimated(const std::string& queue, TimePoint since, TimePoint until) {
    return database_.query<DueJob>(
        "SELECT id, provider, asks, waits_for FROM jobs WHERE queue = ? AND released_at >= ?"
        " AND released_at < ? AND estimated_cost IS NULL"
        " AND asks IS NOT NULL AND state IN ('planned', 'running', 'delivering')",
        queue, since, until);
}

/// A hundred are enough to learn from, and more would make each look slower.
Result<std::vector<TokenLesson>> Budgets::lessons(const std::string& queue) {
    // What was not answered has used nothing, so only that part of the estimate counts that was.
    auto lessons = database_.query<TokenLesson>(
        "SELECT (SELECT sum(value ->> 'tokens') * j.succeeded / max(1, sum(value ->> 'requests'))"
        "  FROM json_each(j.asks)), input_tokens, output_tokens"
        " FROM jobs j WHERE queue = ? AND released_at IS NOT NULL AND succeeded > 0 AND asks IS NOT NULL"
        " ORDER BY released_at DESC LIMIT 100",
        queue);
    if (lessons) std::reverse(lessons->begin(), lessons->end());
    return lessons;
}

}  // namespace batchd::store
