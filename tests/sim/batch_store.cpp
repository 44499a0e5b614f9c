#include "sim/batch_store.hpp"

#include <algorithm>

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
    plan.window_ends = settings.window_ends;
    plan.cancelling = seconds_to_millis(settings.cancelling);
    if (settings.expire_batch.contains(number)) {
        plan.end = Plan::End::expires;
        plan.done = settings.expire_done;
    }
    return plan;
}

/// The live service loses its way where neighbours share a second; nobody may rely on exact pages. `next`:
/// the place behind the cursor.
std::size_t position_behind(const std::vector<const Batch*>& order, std::size_t next,
                            const Settings& settings) {
    if (next >= order.size() ||
        unix_seconds(order[next - 1]->created_at) != unix_seconds(order[next]->created_at))
        return next;
    if (settings.list_ties == "repeat") return next - 1;
    return settings.list_ties == "skip" ? next + 1 : next;
}

json::object summary_of(const Batch& batch, const Settings& settings, TimePoint now) {
    json::object shown = to_json(batch, now);
    if (settings.list_metadata != "keep") shown["metadata"] = nullptr;
    if (settings.list_metadata == "drop_all") shown["input_file_id"] = nullptr;
    return shown;
}

/// As RFC 9562 writes them; what is in them does not matter.
std::string random_uuid() {
    return random_hex(8) + "-" + random_hex(4) + "-" + random_hex(4) + "-" + random_hex(4) + "-" +
           random_hex(12);
}

std::string new_batch_id(std::uint64_t length, std::string_view style) {
    constexpr std::string_view kBegin = "batch_";
    constexpr std::uint64_t kLength = 38;
    if (length == 0 && style == "azure") return std::string(kBegin) + random_uuid();
    return std::string(kBegin) +
           random_hex(std::max(length == 0 ? kLength : length, kLength) - kBegin.size());
}

bool counts(const Batch& batch, const std::string& model) {
    return !is_terminal(batch.status) && batch.enqueued_model == model;
}

}  // namespace

Batch& BatchStore::keep(CreateRequest request, std::string id, TimePoint created_at) {
    const std::size_t index = batches_.size();
    Batch& batch = batches_.emplace_back();
    batch.id = std::move(id);
    batch.request = std::move(request);
    batch.created_at = created_at;
    batch.expires_at = unix_seconds(created_at) + kWindowSeconds;
    by_id_.emplace(batch.id, index);
    by_file_[batch.request.input_file_id].push_back(index);
    return batch;
}

Batch& BatchStore::add(CreateRequest request, const Settings& settings, TimePoint now) {
    Batch& batch = keep(std::move(request), new_batch_id(settings.batch_id_length, settings.ids), now);
    by_number_.push_back(&batch);
    batch.number = by_number_.size();
    batch.plan = plan_for(batch.number, settings);
    if (batch.plan.end == Plan::End::expires && settings.expire_at == "in_progress")
        batch.expires_at = unix_seconds(now + batch.plan.validating + batch.plan.in_progress);
    return batch;
}

Reply<Batch*> BatchStore::find(std::string_view id) {
    const auto found = by_id_.find(std::string(id));
    if (found == by_id_.end()) return no_such_batch(id);
    return &batches_[found->second];
}

std::vector<const Batch*> BatchStore::listed(const BatchQuery& query, const Settings& settings,
                                             TimePoint now) const {
    std::vector<const Batch*> order;
    for (const Batch& batch : batches_)
        if (batch.account == query.account && batch.created_at + seconds_to_millis(settings.list_lag) <= now)
            order.push_back(&batch);
    if (settings.list_order != "oldest") std::reverse(order.begin(), order.end());
    if (settings.list_order == "shuffled")
        std::sort(order.begin(), order.end(),
                  [](const Batch* one, const Batch* other) { return one->id < other->id; });
    std::stable_partition(order.begin(), order.end(), [](const Batch* batch) { return batch->listed_first; });
    return order;
}

Reply<json::object> BatchStore::list(const BatchQuery& query, const Settings& settings, TimePoint now) const {
    const std::vector<const Batch*> order = listed(query, settings, now);
    std::size_t at = 0;
    if (!query.after.empty()) {
        const auto cursor = std::find_if(order.begin(), order.end(),
                                         [&](const Batch* batch) { return batch->id == query.after; });
        if (cursor == order.end()) return no_such_batch(query.after);
        at = static_cast<std::size_t>(cursor - order.begin()) + 1;
        at = position_behind(order, at, settings);
    }
    json::array data;
    for (; at < order.size() && data.size() < query.limit; ++at)
        data.push_back(summary_of(*order[at], settings, now));
    const json::value first = data.empty() ? json::value(nullptr) : data.front().at("id");
    const json::value last = data.empty() ? json::value(nullptr) : data.back().at("id");
    return json::object{{"object", "list"},
                        {"data", std::move(data)},
                        {"first_id", first},
                        {"last_id", last},
                        {"has_more", at < order.size()}};
}

Reply<Batch*> BatchStore::find_own(std::string_view account, std::string_view id) {
    auto found = find(id);
    if (found && (*found)->account != account) return no_such_batch(id);
    return found;
}

Batch& BatchStore::plant(std::shared_ptr<const json::object> shown, TimePoint created_at) {
    CreateRequest request{.input_file_id = "file-" + random_alphanumerics(22),
                          .endpoint = "/v1/chat/completions",
                          .completion_window = "24h",
                          .metadata = std::nullopt,
                          .output_expires_seconds = std::nullopt};
    Batch& batch = keep(std::move(request), new_batch_id(0, "openai"), created_at);
    batch.status = Status::completed;
    batch.completed_at = created_at;
    batch.planted = std::move(shown);
    return batch;
}

TimePoint BatchStore::room_at(const std::string& account, std::uint64_t per_hour) const {
    std::uint64_t newer = 0;
    for (auto batch = by_number_.rbegin(); batch != by_number_.rend(); ++batch)
        if ((*batch)->account == account && ++newer == per_hour)
            return (*batch)->created_at + std::chrono::hours(1);
    return TimePoint::min();
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
