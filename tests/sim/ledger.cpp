#include "sim/ledger.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::size_t kViolationsListedMax = 1000;

bool has_failed(Status status) {
    return status == Status::failed || status == Status::expired || status == Status::cancelled;
}

json::object counted(const std::map<std::string, std::uint64_t>& counts) {
    json::object shown;
    for (const auto& [name, count] : counts) shown[name] = count;
    return shown;
}

}  // namespace

void Ledger::connection_opened() {
    ++traffic.connections_total;
    traffic.connections_max = std::max(traffic.connections_max, ++traffic.connections);
}

void Ledger::batch_created(const Batch& batch, const std::vector<const Batch*>& earlier) {
    ++creates_by_file_[batch.request.input_file_id];
    if (batch.request.metadata)
        if (const auto key = batch.request.metadata->find("batchd_key"); key != batch.request.metadata->end())
            ++creates_by_key_[key->second];
    for (const Batch* other : earlier)
        if (!has_failed(other->status))
            second_creates_.push_back("batch " + batch.id + " was created from " +
                                      batch.request.input_file_id + " while batch " + other->id +
                                      " from the same file was " + std::string(to_string(other->status)));
}

void Ledger::rows_started(const Batch& batch, const std::string& scope,
                          const std::vector<std::string>& custom_ids) {
    Rows& rows = scopes_[scope];
    for (const std::string& custom_id : custom_ids) {
        Row& row = rows[custom_id];
        if (row.paid() > 0) repetitions_.push_back({scope, custom_id, batch.id, row.running > 0});
        ++row.runs;
        ++row.running;
    }
}

void Ledger::rows_ended(const Batch& batch, const std::string& scope, const std::vector<RowEnd>& ends) {
    Rows& rows = scopes_[scope];
    for (const RowEnd& end : ends) {
        Row& row = rows[end.custom_id];
        if (row.running > 0) --row.running;
        if (end.retryable)
            came_to_nothing(batch, scope, end.custom_id);
        else
            ++row.settled;
    }
}

void Ledger::came_to_nothing(const Batch& batch, const std::string& scope, const std::string& custom_id) {
    for (Repetition& repetition : repetitions_)
        if (repetition.batch_id == batch.id && repetition.scope == scope && repetition.custom_id == custom_id)
            repetition.came_to_nothing = true;
}

std::vector<std::string> Ledger::paid_again() const {
    std::vector<std::string> sentences;
    std::map<std::pair<std::string, std::string>, std::uint32_t> told;
    for (auto entry = repetitions_.rbegin(); entry != repetitions_.rend(); ++entry) {
        if (entry->came_to_nothing) continue;
        // Where the earlier run came to nothing, the last ones are all there is to pay.
        const std::uint32_t paid = scopes_.at(entry->scope).at(entry->custom_id).paid();
        if (++told[{entry->scope, entry->custom_id}] >= paid) continue;
        sentences.push_back(
            "row " + entry->custom_id + (entry->scope.empty() ? "" : " of " + entry->scope) +
            " runs again in batch " + entry->batch_id +
            (entry->was_running ? " while it still ran in another" : " after it had been settled"));
    }
    return sentences;
}

std::unordered_map<std::string, std::uint64_t> Ledger::runs_in(const std::string& scope) const {
    std::unordered_map<std::string, std::uint64_t> runs;
    const auto found = scopes_.find(scope);
    if (found == scopes_.end()) return runs;
    for (const auto& [custom_id, row] : found->second) runs.emplace(custom_id, row.runs);
    return runs;
}

json::object Ledger::report(RowDetail detail) const {
    json::object rows;
    std::uint64_t row_count = 0, repeated = 0, paid = 0, paid_twice = 0;
    for (const auto& [scope, entries] : scopes_) {
        json::object shown;
        for (const auto& [custom_id, row] : entries) {
            ++row_count;
            repeated += row.runs > 1 ? 1 : 0;
            paid += row.paid() > 0 ? 1U : 0U;
            paid_twice += row.paid() > 1 ? 1U : 0U;
            if (detail == RowDetail::include) shown[custom_id] = row.runs;
        }
        rows[scope] = std::move(shown);
    }
    std::vector<std::string> violations = paid_again();
    violations.insert(violations.end(), second_creates_.begin(), second_creates_.end());
    json::object report{{"creates_by_input_file", counted(creates_by_file_)},
                        {"creates_by_batchd_key", counted(creates_by_key_)},
                        {"rows_run", row_count},
                        {"rows_run_again", repeated},
                        {"rows_paid", paid},
                        {"rows_paid_twice", paid_twice},
                        {"requests", counted(requests_)},
                        {"connections_max", traffic.connections_max},
                        {"connections_total", traffic.connections_total},
                        {"bytes_up", traffic.bytes_up},
                        {"bytes_down", traffic.bytes_down},
                        {"files_uploaded", traffic.files_uploaded},
                        {"files_deleted", traffic.files_deleted},
                        {"files_downloaded", traffic.files_downloaded},
                        {"cancels", traffic.cancels},
                        {"violation_count", violations.size()}};
    violations.resize(std::min(violations.size(), kViolationsListedMax));
    report["violations"] = json::value_from(violations);
    if (detail == RowDetail::include) report["rows"] = std::move(rows);
    return report;
}

}  // namespace batchd::sim
