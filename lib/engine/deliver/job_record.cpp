#include "engine/deliver/job_record.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text/json_values.hpp"
#include "money/money_json.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

json::value prices_json(const std::string& prices) {
    json::error_code ec;
    // A summary that can not be read does not keep answers from their owner.
    json::value value = json::parse(prices, ec);
    return ec ? json::value(json::array()) : value;
}

json::object batch_json(const store::Batch& batch) {
    return {{"shard", batch.shard},
            {"attempt", batch.attempt},
            {"shared", batch.is_shared()},
            {"provider", batch.provider},
            {"batch_id", text_or_null(batch.batch_id)},
            {"status", batch.status},
            {"endpoint", batch.endpoint},
            {"model", batch.model},
            {"requests", batch.requests},
            {"completed", batch.completed},
            {"failed", batch.failed},
            {"lost", batch.lost},
            {"possibly_repeated", batch.possibly_repeated},
            {"outcome", batch.outcome ? json::value(to_string(*batch.outcome)) : json::value(nullptr)},
            {"input_tokens", batch.input_tokens},
            {"output_tokens", batch.output_tokens},
            {"cached_tokens", batch.spent.cached_tokens},
            {"reasoning_tokens", batch.spent.reasoning_tokens},
            {"cost", money::money_or_null(batch.spent.cost)},
            {"cost_sync", money::money_or_null(batch.spent.cost_sync)},
            {"unpriced", batch.spent.unpriced},
            {"prices", prices_json(batch.prices)},
            {"input_file_id", text_or_null(batch.input_file_id)},
            {"output_file_id", text_or_null(batch.output_file_id)},
            {"error_file_id", text_or_null(batch.error_file_id)},
            {"created_at", to_utc_text(batch.created_at)},
            {"submitted_at", time_or_null(batch.submitted_at)},
            {"ended_at", time_or_null(batch.ended_at)},
            {"error", text_or_null(batch.error)}};
}

/// What it was taken under, which a retry inherits, also after the database was lost.
json::value terms_or_null(const store::Job& job) {
    boost::system::error_code ec;
    json::value terms = json::parse(job.terms, ec);
    return ec ? json::value() : terms;
}

}  // namespace

std::string job_json(const Delivery& delivery) {
    const store::Job& job = delivery.job;
    json::array batches;
    std::uint64_t possibly_repeated = 0;
    for (const store::Batch& batch : delivery.batches) {
        batches.push_back(batch_json(batch));
        possibly_repeated += batch.possibly_repeated;
    }
    const json::object summary{
        {"id", job.id.value},
        {"key", job.key},
        {"name", printable(job.name)},
        {"queue", job.queue},
        {"provider", job.provider},
        {"state", to_string(final_state(delivery))},
        {"reason", text_or_null(job.reason)},
        {"requests", job.requests},
        {"succeeded", job.succeeded},
        {"failed", job.failed},
        {"bytes", job.size_bytes},
        {"sha256", text_or_null(job.sha256)},
        {"input_changed", job.input_changed},
        {"possibly_repeated", possibly_repeated},
        {"input_tokens", job.input_tokens},
        {"output_tokens", job.output_tokens},
        {"cached_tokens", job.spent.cached_tokens},
        {"reasoning_tokens", job.spent.reasoning_tokens},
        {"cost", money::money_or_null(job.spent.cost)},
        {"cost_sync", money::money_or_null(job.spent.cost_sync)},
        {"unpriced", job.spent.unpriced},
        {"created_at", to_utc_text(job.created_at)},
        {"finished_at", time_or_null(job.finished_at)},
        {"retry_of", job.retry_of ? json::value(job.retry_of->value) : json::value()},
        {"chained_from", job.chained_from ? json::value(job.chained_from->value) : json::value()},
        {"terms", terms_or_null(job)},
        {"batches", std::move(batches)}};
    return json::serialize(summary) + "\n";
}

}  // namespace batchd::engine
