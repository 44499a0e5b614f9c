#include "sim/ledger.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

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

void Ledger::violation(std::string what) {
    ++violation_count_;
    if (violations_.size() < kViolationsListedMax) violations_.push_back(std::move(what));
}

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
            violation("batch " + batch.id + " was created from " + batch.request.input_file_id +
                      " while batch " + other->id + " from the same file was " +
                      std::string(to_string(other->status)));
}

void Ledger::rows_started(const Batch& batch, const std::string& scope,
                          const std::vector<std::string>& custom_ids) {
    Rows& rows = scopes_[scope];
    for (const std::string& custom_id : custom_ids) {
        Row& row = rows[custom_id];
        if (row.runs++ > 0 && row.last != Last::may_run_again)
            violation("row " + custom_id + (scope.empty() ? "" : " of " + scope) + " runs again in batch " +
                      batch.id +
                      (row.last == Last::running ? " while it still ran in another"
                                                 : " after it had been settled"));
        row.last = Last::running;
    }
}

void Ledger::rows_ended(const std::string& scope, const std::vector<RowEnd>& ends) {
    Rows& rows = scopes_[scope];
    for (const RowEnd& end : ends) {
        Row& row = rows[end.custom_id];
        if (row.last == Last::running) row.last = end.retryable ? Last::may_run_again : Last::settled;
    }
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
    std::uint64_t row_count = 0, repeated = 0;
    for (const auto& [scope, entries] : scopes_) {
        json::object shown;
        for (const auto& [custom_id, row] : entries) {
            ++row_count;
            repeated += row.runs > 1 ? 1 : 0;
            if (detail == RowDetail::include) shown[custom_id] = row.runs;
        }
        rows[scope] = std::move(shown);
    }
    json::object report{{"creates_by_input_file", counted(creates_by_file_)},
                        {"creates_by_batchd_key", counted(creates_by_key_)},
                        {"rows_run", row_count},
                        {"rows_run_again", repeated},
                        {"requests", counted(requests_)},
                        {"connections_max", traffic.connections_max},
                        {"connections_total", traffic.connections_total},
                        {"bytes_up", traffic.bytes_up},
                        {"bytes_down", traffic.bytes_down},
                        {"files_uploaded", traffic.files_uploaded},
                        {"files_deleted", traffic.files_deleted},
                        {"files_downloaded", traffic.files_downloaded},
                        {"cancels", traffic.cancels},
                        {"violation_count", violation_count_}};
    json::array violations;
    for (const std::string& what : violations_) violations.emplace_back(what);
    report["violations"] = std::move(violations);
    if (detail == RowDetail::include) report["rows"] = std::move(rows);
    return report;
}

}  // namespace batchd::sim
