#include "sim/batch_store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/chance.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::int64_t kWindowSeconds = 86400;

ApiError no_such_batch(std::string_view id) {
    return {.status = 404,
            .message = "No batch found with id '" + std::string(id) + "'.",
            .param = "",
            .code = ""};
}

Plan plan_for(std::uint64_t number, const Settings& settings) {
    Plan plan;
    plan.validating = seconds_to_millis(settings.validating);
    plan.in_progress = seconds_to_millis(settings.in_progress);
    plan.finalizing = seconds_to_millis(settings.finalizing);
    plan.cancelling = seconds_to_millis(settings.cancelling);
    if (settings.expire_batch.contains(number)) {
        plan.end = Plan::End::expires;
        plan.done = settings.expire_done;
    }
    return plan;
}

bool counts(const Batch& batch, const std::string& model) {
    return !is_terminal(batch.status) && batch.enqueued_model == model;
}

}  // namespace

Batch& BatchStore::add(CreateRequest request, const Settings& settings, TimePoint now) {
    const std::size_t index = batches_.size();
    Batch& batch = batches_.emplace_back();
    batch.number = index + 1;
    batch.id = "batch_" + random_hex(32);
    batch.request = std::move(request);
    batch.plan = plan_for(batch.number, settings);
    batch.created_at = now;
    batch.expires_at = unix_seconds(now) + kWindowSeconds;
    if (batch.plan.end == Plan::End::expires && settings.expire_at == "in_progress")
        batch.expires_at = unix_seconds(now + batch.plan.validating + batch.plan.in_progress);
    by_id_.emplace(batch.id, index);
    by_file_[batch.request.input_file_id].push_back(index);
    return batch;
}

Reply<Batch*> BatchStore::find(std::string_view id) {
    const auto found = by_id_.find(std::string(id));
    if (found == by_id_.end()) return no_such_batch(id);
    return &batches_[found->second];
}

std::size_t BatchStore::first_position(const BatchQuery& query, std::size_t cursor,
                                       const Settings& settings) const {
    if (query.after.empty()) return batches_.size();
    // The live service loses its way where neighbours share a second; nobody may rely on exact pages.
    const bool tie = cursor > 0 && unix_seconds(batches_[cursor].created_at) ==
                                       unix_seconds(batches_[cursor - 1].created_at);
    if (tie && settings.list_ties == "repeat") return cursor + 1;
    if (tie && settings.list_ties == "skip") return cursor - 1;
    return cursor;
}

Reply<json::object> BatchStore::list(const BatchQuery& query, const Settings& settings, TimePoint now) const {
    std::size_t cursor = 0;
    if (!query.after.empty()) {
        const auto found = by_id_.find(query.after);
        if (found == by_id_.end()) return no_such_batch(query.after);
        cursor = found->second;
    }
    json::array data;
    bool has_more = false;
    for (std::size_t position = first_position(query, cursor, settings); position > 0; --position) {
        const Batch& batch = batches_[position - 1];
        if (batch.created_at + seconds_to_millis(settings.list_lag) > now) continue;
        has_more = data.size() == query.limit;
        if (has_more) break;
        json::object shown = to_json(batch, now);
        if (settings.list_metadata != "keep") shown["metadata"] = nullptr;
        if (settings.list_metadata == "drop_all") shown["input_file_id"] = nullptr;
        data.push_back(std::move(shown));
    }
    const json::value first = data.empty() ? json::value(nullptr) : data.front().at("id");
    const json::value last = data.empty() ? json::value(nullptr) : data.back().at("id");
    return json::object{{"object", "list"},
                        {"data", std::move(data)},
                        {"first_id", first},
                        {"last_id", last},
                        {"has_more", has_more}};
}

std::vector<const Batch*> BatchStore::of_file(const std::string& input_file_id) const {
    std::vector<const Batch*> batches;
    if (const auto found = by_file_.find(input_file_id); found != by_file_.end())
        for (const std::size_t index : found->second) batches.push_back(&batches_[index]);
    return batches;
}

std::uint64_t BatchStore::running_tokens(const std::string& model) const {
    std::uint64_t tokens = 0;
    for (const Batch& batch : batches_)
        if (counts(batch, model) && batch.in_progress_at) tokens += batch.enqueued_tokens;
    return tokens;
}

std::uint64_t BatchStore::enqueued_tokens(const std::string& model) const {
    std::uint64_t tokens = 0;
    for (const Batch& batch : batches_)
        if (counts(batch, model)) tokens += batch.enqueued_tokens;
    return tokens;
}

Reply<void> cancel(Batch& batch, const Settings& settings, TimePoint now) {
    if (settings.cancel_refused.contains(std::string(to_string(batch.status))))
        return ApiError{
            .status = 409,
            .message = "Cannot cancel a batch with status '" + std::string(to_string(batch.status)) + "'.",
            .param = "",
            .code = ""};
    if (is_terminal(batch.status) || batch.status == Status::cancelling) return {};
    batch.status = Status::cancelling;
    batch.cancelling_at = now;
    return {};
}

}  // namespace batchd::sim
