#include "sim/batch.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/api_error.hpp"
#include "sim/json_edit.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 8> kStatusWords = {
    "validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"};

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(unix_seconds(*time)) : json::value(nullptr);
}

json::value id_or_null(const std::optional<std::string>& id) {
    return id ? json::value(*id) : json::value(nullptr);
}

json::value errors_or_null(const std::vector<LineError>& errors) {
    if (errors.empty()) return nullptr;
    return json::object{{"object", "list"}, {"data", to_json(errors)}};
}

json::value metadata_or_null(const std::optional<std::map<std::string, std::string>>& metadata) {
    if (!metadata) return nullptr;
    json::object shown;
    for (const auto& [key, value] : *metadata) shown[key] = value;
    return shown;
}

json::object usage(Tokens tokens) {
    return {{"input_tokens", tokens.input},
            {"output_tokens", tokens.output},
            {"total_tokens", tokens.input + tokens.output},
            {"input_tokens_details", json::object{{"cached_tokens", 0}}},
            {"output_tokens_details", json::object{{"reasoning_tokens", 0}}}};
}

json::object counts(const Batch& batch, TimePoint now) {
    std::uint64_t completed = batch.completed;
    if (batch.status == Status::in_progress)
        completed = static_cast<std::uint64_t>(progress(batch, now) * static_cast<double>(batch.total));
    return {{"total", batch.total}, {"completed", completed}, {"failed", batch.failed}};
}

json::object honest_json(const Batch& batch, TimePoint now) {
    return {{"id", batch.id},
            {"object", "batch"},
            {"endpoint", batch.request.endpoint},
            {"model", text_or_null(batch.model)},
            {"errors", errors_or_null(batch.errors)},
            {"input_file_id", batch.request.input_file_id},
            {"completion_window", batch.request.completion_window},
            {"status", to_string(batch.status)},
            {"output_file_id", id_or_null(batch.output_file_id)},
            {"error_file_id", id_or_null(batch.error_file_id)},
            {"created_at", unix_seconds(batch.created_at)},
            {"in_progress_at", time_or_null(batch.in_progress_at)},
            {"expires_at", batch.expires_at},
            {"finalizing_at", time_or_null(batch.finalizing_at)},
            {"completed_at", time_or_null(batch.completed_at)},
            {"failed_at", time_or_null(batch.failed_at)},
            {"expired_at", time_or_null(batch.expired_at)},
            {"cancelling_at", time_or_null(batch.cancelling_at)},
            {"cancelled_at", time_or_null(batch.cancelled_at)},
            {"request_counts", counts(batch, now)},
            {"usage", usage(batch.tokens)},
            {"metadata", metadata_or_null(batch.request.metadata)}};
}

}  // namespace

std::string_view to_string(Status status) {
    return kStatusWords.at(static_cast<std::size_t>(status));
}

bool is_terminal(Status status) {
    return status == Status::completed || status == Status::failed || status == Status::expired ||
           status == Status::cancelled;
}

json::object to_json(const Batch& batch, TimePoint now) {
    json::object shown = honest_json(batch, now);
    if (batch.planted) set_members(shown, *batch.planted);
    return shown;
}

double progress(const Batch& batch, TimePoint now) {
    if (!batch.in_progress_at) return 0;
    if (batch.plan.in_progress <= Millis(0)) return 1;
    const double passed = static_cast<double>((now - *batch.in_progress_at).count());
    const double share = passed / static_cast<double>(batch.plan.in_progress.count());
    const double reached = batch.plan.end == Plan::End::expires ? batch.plan.done : 1.0;
    return std::clamp(share, 0.0, 1.0) * reached;
}

std::optional<Step> next_step(const Batch& batch) {
    const auto step = [&](Step::Kind kind, TimePoint at) {
        return Step{kind, std::max(at, batch.not_before)};
    };
    switch (batch.status) {
        case Status::validating:
            return step(Step::Kind::validate, batch.created_at + batch.plan.validating);
        case Status::in_progress: {
            const TimePoint deadline{std::chrono::seconds(batch.expires_at)};
            const TimePoint ready = *batch.in_progress_at + batch.plan.in_progress;
            const bool is_late = batch.plan.window_ends && ready > deadline;
            const bool expires = batch.plan.end == Plan::End::expires || is_late;
            return step(Step::Kind::finalize, expires ? std::max(deadline, *batch.in_progress_at) : ready);
        }
        case Status::finalizing:
            return step(Step::Kind::end, *batch.finalizing_at + batch.plan.finalizing);
        case Status::cancelling:
            return step(Step::Kind::cancel, *batch.cancelling_at + batch.plan.cancelling);
        case Status::completed:
        case Status::failed:
        case Status::expired:
        case Status::cancelled:
            break;
    }
    return std::nullopt;
}

}  // namespace batchd::sim
