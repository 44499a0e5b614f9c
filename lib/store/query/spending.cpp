#include "store/query/spending.hpp"

#include <tuple>

namespace batchd::store {
static auto columns_of(SpendingRow& row) {
    return std::tie(row.name, row.job_id, row.requests, row.input_tokens, row.output_tokens,
                    row.spent.cached_tokens, row.spent.reasoning_tokens, row.spent.cost, row.spent.cost_sync,
                    row.spent.unpriced);
}

Result<std::vector<SpendingRow>> spending(Database& database, SpendingBy by, TimePoint since) {
    return database.query<SpendingRow>(
        "SELECT CASE ?1 WHEN 'day' THEN date(b.collected_at, 'localtime') WHEN 'model' THEN b.model"
        "  WHEN 'queue' THEN j.queue ELSE j.name END,"
        // As Spent adds: beside answers without a price, 0 is the cost of rows of which none ran.
        " CASE ?1 WHEN 'job' THEN j.id END, sum(p.completed + p.failed), sum(p.input_tokens),"
        " sum(p.output_tokens), sum(p.cached_tokens), sum(p.reasoning_tokens),"
        " nullif(sum(p.cost), iif(sum(p.unpriced) > 0, 0, NULL)),"
        " nullif(sum(p.cost_sync), iif(sum(p.unpriced) > 0, 0, NULL)), sum(p.unpriced)"
        " FROM batches b JOIN parts p ON p.batch = b.id JOIN jobs j ON j.id = p.job_id WHERE b.collected_at "
        ">= ?2"
        " GROUP BY 1, 2 ORDER BY 2, 1",
        by, since);
}

std::string_view to_string(SpendingBy by) {
    switch (by) {
        case SpendingBy::day:
            return "day";
        case SpendingBy::model:
            return "model";
        case SpendingBy::queue:
            return "queue";
        case SpendingBy::job:
            break;
    }
    return "job";
}

}  // namespace batchd::store
