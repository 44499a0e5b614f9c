#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/text/json_values.hpp"
#include "money/money_json.hpp"
#include "report/status/causes.hpp"
#include "report/status/progress_words.hpp"
#include "report/status/status.hpp"

namespace batchd::report {
namespace {

namespace json = boost::json;
using store::JobOverview;

constexpr std::size_t kLineMax = 300;

template <class Numbers>
json::object object_of(const Numbers& numbers) {
    json::object object;
    // Names of models come from people's files.
    for (const auto& [name, number] : numbers) object[printable(name)] = number;
    return object;
}

json::object job_json(const JobOverview& overview, TimePoint now) {
    const store::Job& job = overview.job;
    const auto left = time_left(overview, now);
    return {
        {"id", job.id.value},
        {"name", printable(job.name)},
        {"state", to_string(job.state)},
        {"reason", text_or_null(job.reason)},
        {"requests", job.requests},
        {"done", overview.done},
        {"succeeded", job.succeeded},
        {"failed", job.failed},
        {"batches_to_submit", overview.to_submit},
        {"batches_in_flight", overview.in_flight},
        {"input_tokens", job.input_tokens},
        {"output_tokens", job.output_tokens},
        {"cached_tokens", job.spent.cached_tokens},
        {"reasoning_tokens", job.spent.reasoning_tokens},
        {"created_at", to_utc_text(job.created_at)},
        {"finished_at", time_or_null(job.finished_at)},
        {"expires_at", time_or_null(overview.expires_at)},
        {"seconds_left", left ? json::value(left->count() / 1000) : json::value(nullptr)},
        {"cancel_asked_at", time_or_null(job.cancel_asked_at)},
        {"retry_of", job.retry_of ? json::value(job.retry_of->value) : json::value(nullptr)},
        // In the text the same place says how it ended; for programs that is "reason" and "delivered_to".
        {"waits_for", store::is_final(job.state) ? json::value(nullptr) : json::value(waits_for(overview))},
        {"delivered_to", text_or_null(job.delivered_to)},
        {"input_changed", job.input_changed},
        {"queue", printable(job.queue)},
        {"provider", printable(job.provider)},
        {"not_before", time_or_null(job.not_before)},
        {"cost", money::money_or_null(job.spent.cost)},
        {"cost_sync", money::money_or_null(job.spent.cost_sync)},
        {"unpriced", job.spent.unpriced}};
}

json::object batch_json(const store::Batch& batch) {
    return {{"shard", batch.shard},
            {"attempt", batch.attempt},
            {"batch_id", text_or_null(batch.batch_id)},
            // The provider's own word, which may be one that we have never seen.
            {"status", printable(batch.status)},
            {"endpoint", printable(batch.endpoint)},
            {"model", printable(batch.model)},
            {"requests", batch.requests},
            {"completed", batch.completed},
            {"failed", batch.failed},
            {"input_tokens", batch.input_tokens},
            {"output_tokens", batch.output_tokens},
            {"cached_tokens", batch.spent.cached_tokens},
            {"reasoning_tokens", batch.spent.reasoning_tokens},
            {"cost", money::money_or_null(batch.spent.cost)},
            {"cost_sync", money::money_or_null(batch.spent.cost_sync)},
            {"unpriced", batch.spent.unpriced},
            {"submitted_at", time_or_null(batch.submitted_at)},
            {"expires_at", time_or_null(batch.expires_at)},
            {"overdue_at", time_or_null(batch.overdue_at)},
            {"ended_at", time_or_null(batch.ended_at)},
            {"outcome", batch.outcome ? json::value(to_string(*batch.outcome)) : json::value(nullptr)},
            {"held_since", time_or_null(batch.held_since)},
            {"held", text_or_null(batch.held)},
            {"error", text_or_null(batch.error)}};
}

json::object event_json(const store::Event& event) {
    return {{"at", to_utc_text(event.at)},
            {"kind", printable(event.kind)},
            {"batch", text_or_null(event.batch_id)},
            {"detail", printable(event.detail)}};
}

json::object group_json(const ErrorGroup& group) {
    json::array examples;
    for (const FailedRequest& request : group.examples)
        examples.push_back({{"custom_id", text_or_null(request.custom_id)}, {"line", request.line_number}});
    return {{"status", group.status_code > 0 ? json::value(group.status_code) : json::value(nullptr)},
            {"code", text_or_null(group.code)},
            {"message", text_or_null(group.message)},
            {"requests", group.requests},
            {"examples", std::move(examples)}};
}

json::value errors_json(const std::optional<ErrorGroups>& errors) {
    if (!errors) return nullptr;
    json::array groups;
    for (const ErrorGroup& group : errors->groups) groups.push_back(group_json(group));
    return json::object{{"groups", std::move(groups)}, {"others", errors->others}};
}

json::array conditions_json(const Status& status) {
    json::array all;
    for (const store::Condition& condition : status.conditions)
        // What is left alone is about files, not about a wait, and stands under "inbox".
        if (condition.kind != "left_alone")
            all.push_back({{"kind", printable(condition.kind)},
                           {"since", to_utc_text(condition.since)},
                           {"about", printable(condition.about)},
                           {"text", printable(condition.text)}});
    return all;
}

json::array left_alone_json(const Status& status) {
    json::array all;
    for (const store::Condition& condition : status.conditions)
        if (condition.kind == "left_alone")
            all.push_back({{"reason", printable(condition.about)},
                           {"files", condition.files},
                           {"remedy", text_or_null(condition.remedy)}});
    return all;
}

json::object provider_json(const Status& status, const Status::Provider& provider) {
    const store::Condition* const closed = why_closed(status, provider);
    return {{"name", provider.name},
            {"kind", provider.kind},
            {"base_url", provider.base_url},
            // Whether it is open was known to a daemon that has ended; nobody has asked the provider since.
            {"open", status.pid ? json::value(closed == nullptr) : json::value(nullptr)},
            // Of an open one it is not on record since when.
            {"since", closed != nullptr ? json::value(to_utc_text(closed->since)) : json::value(nullptr)},
            {"why", closed != nullptr ? json::value(printable(closed->text)) : json::value(nullptr)},
            {"enqueued_tokens", object_of(provider.enqueued_tokens)},
            {"limits", object_of(provider.limits)},
            {"activity", text_or_null(provider.activity)}};
}

json::array providers_json(const Status& status) {
    json::array all;
    for (const Status::Provider& provider : status.providers) all.push_back(provider_json(status, provider));
    return all;
}

}  // namespace

std::string status_json(const Status& status) {
    json::object whole{{"at", to_utc_text(status.now)},
                       {"daemon",
                        {{"running", status.pid.has_value()},
                         {"pid", status.pid ? json::value(*status.pid) : json::value(nullptr)},
                         {"waits_for", text_or_null(cause_line(status.conditions, kLineMax))}}},
                       {"conditions", conditions_json(status)},
                       {"inbox", {{"left_alone", left_alone_json(status)}}},
                       {"providers", providers_json(status)}};
    json::array jobs;
    for (const JobOverview& job : status.jobs) jobs.push_back(job_json(job, status.now));
    // Only where one job was asked for: a list of a thousand jobs must not carry the batches of each.
    if (status.details && !jobs.empty()) {
        json::object& job = jobs.front().as_object();
        json::array batches, events;
        for (const store::Batch& batch : status.details->batches) batches.push_back(batch_json(batch));
        for (const store::Event& event : status.details->events) events.push_back(event_json(event));
        job["batches"] = std::move(batches);
        job["events"] = std::move(events);
        job["errors"] = errors_json(status.details->errors);
    }
    whole["jobs"] = std::move(jobs);
    return json::serialize(whole);
}

}  // namespace batchd::report
