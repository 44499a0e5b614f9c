#include "store/query/counts.hpp"

#include <tuple>

namespace batchd::store {
namespace {

struct WordCount {
    std::string word;
    std::uint64_t count = 0;
};

auto columns_of(WordCount& row) {
    return std::tie(row.word, row.count);
}

struct Late {
    std::uint64_t overdue = 0;
    std::optional<TimePoint> oldest;
};

auto columns_of(Late& row) {
    return std::tie(row.overdue, row.oldest);
}

std::map<std::string, std::uint64_t> by_word(const std::vector<WordCount>& rows) {
    std::map<std::string, std::uint64_t> counts;
    for (const WordCount& row : rows) counts.emplace(row.word, row.count);
    return counts;
}

}  // namespace

static auto columns_of(ModelCount& row) {
    return std::tie(row.model, row.queue, row.succeeded, row.failed, row.input_tokens, row.output_tokens);
}

Result<Counts> count_everything(Database& database) {
    auto jobs = database.query<WordCount>("SELECT state, count(*) FROM jobs GROUP BY state");
    if (!jobs) return jobs.error();
    auto batches = database.query<WordCount>("SELECT phase, count(*) FROM batches GROUP BY phase");
    if (!batches) return batches.error();
    auto models = database.query<ModelCount>(
        "SELECT b.model, j.queue, sum(p.completed), sum(p.failed), sum(p.input_tokens), sum(p.output_tokens)"
        " FROM batches b JOIN parts p ON p.batch = b.id JOIN jobs j ON j.id = p.job_id"
        " WHERE b.phase = 'collected' GROUP BY b.model, j.queue ORDER BY sum(p.requests) DESC");
    if (!models) return models.error();
    // The second condition is the one of the index; it goes without saying otherwise.
    const auto late = database.query_value<Late>(
        "SELECT count(overdue_at), min(submitted_at) FROM batches WHERE phase = 'watching'"
        " AND phase <> 'collected'");
    if (!late) return late.error();
    return Counts{by_word(*jobs), by_word(*batches), std::move(*models), late->overdue, late->oldest};
}

}  // namespace batchd::store
