#include "store/overview.hpp"

#include "store/conditions.hpp"
#include "store/rows.hpp"

namespace batchd::store {
namespace {

/// Events that say what a job waits for, as long as nothing has happened since.
bool is_trouble(const std::string& kind) {
    return kind == "waiting" || kind == "doubt" || kind == "token_limit" || kind == "provider_closed";
}

Result<void> add_progress_of_open_job(Database& database, JobOverview& overview) {
    auto statement = database.statement(
        "SELECT done, failed, to_submit, in_flight, submitted_at, expires_at FROM running WHERE id = ?");
    if (!statement) return statement.error();
    auto read = for_each_row((*statement)->bind(overview.job.id.value), [&](Statement& row) {
        overview.done = row.count();
        overview.failed = row.count();
        overview.to_submit = row.count();
        overview.in_flight = row.count();
        overview.submitted_at = row.optional_time();
        overview.expires_at = row.optional_time();
    });
    if (!read) return read;
    const auto conditions = Conditions(database).of_job(overview.job.id);
    if (!conditions) return conditions.error();
    if (!conditions->empty()) {
        overview.trouble = conditions->front().text;
        return {};
    }
    const auto newest = last_events(database, overview.job.id, 1);
    if (!newest) return newest.error();
    if (!newest->empty() && is_trouble(newest->front().kind)) overview.trouble = newest->front().detail;
    return {};
}

}  // namespace

Result<std::optional<JobOverview>> look_at_job(Database& database, JobId id) {
    auto job = Jobs(database).find(id);
    if (!job) return job.error();
    if (!*job) return std::optional<JobOverview>();
    JobOverview overview;
    overview.job = std::move(**job);
    overview.done = overview.job.succeeded + overview.job.failed;
    overview.failed = overview.job.failed;
    if (!is_final(overview.job.state))
        if (auto added = add_progress_of_open_job(database, overview); !added) return added.error();
    return std::optional(std::move(overview));
}

Result<std::vector<JobOverview>> list_jobs(Database& database, std::size_t ended_max) {
    auto statement = database.statement(
        "SELECT id FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering') UNION"
        " SELECT id FROM (SELECT id FROM jobs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT ?)"
        " ORDER BY id");
    if (!statement) return statement.error();
    const auto ids = read_ids<JobId>((*statement)->bind(static_cast<std::uint64_t>(ended_max)));
    if (!ids) return ids.error();
    std::vector<JobOverview> jobs;
    for (const JobId id : *ids) {
        auto job = look_at_job(database, id);
        if (!job) return job.error();
        if (*job) jobs.push_back(std::move(**job));
    }
    return jobs;
}

Result<std::vector<Event>> last_events(Database& database, JobId id, std::size_t count_max) {
    auto statement = database.statement(
        "SELECT at, batch, kind, detail FROM (SELECT id, at, batch, kind, detail FROM events WHERE job_id = ?"
        " ORDER BY id DESC LIMIT ?) ORDER BY id");
    if (!statement) return statement.error();
    std::vector<Event> events;
    auto read = for_each_row((*statement)->bind(id.value).bind(static_cast<std::uint64_t>(count_max)),
                             [&](Statement& row) {
                                 Event event;
                                 event.at = row.time();
                                 event.batch_id = row.text();
                                 event.kind = row.text();
                                 event.detail = row.text();
                                 events.push_back(std::move(event));
                             });
    if (!read) return read.error();
    return events;
}

Result<std::map<std::string, std::uint64_t>> enqueued_tokens(Database& database) {
    auto statement = database.statement(
        "SELECT model, sum(estimated_tokens) FROM batches WHERE phase = 'watching' AND phase <> 'collected'"
        " GROUP BY model");
    if (!statement) return statement.error();
    std::map<std::string, std::uint64_t> tokens;
    auto read = for_each_row(**statement, [&](Statement& row) {
        std::string model = row.text();
        tokens[std::move(model)] = row.count();
    });
    if (!read) return read.error();
    return tokens;
}

Result<std::vector<JobId>> find_in_folder(Database& database, const std::string& path) {
    auto statement = database.statement(
        "SELECT id FROM jobs WHERE substr(delivered_to, -length(?1) - 1) = '/' || ?1 ORDER BY id DESC");
    if (!statement) return statement.error();
    return read_ids<JobId>((*statement)->bind(std::string_view(path)));
}

Result<std::vector<JobId>> find_named(Database& database, const std::string& name) {
    auto by_name = database.statement("SELECT id FROM jobs WHERE name = ? ORDER BY id DESC");
    if (!by_name) return by_name.error();
    auto ids = read_ids<JobId>((*by_name)->bind(std::string_view(name)));
    if (!ids || !ids->empty()) return ids;
    return find_in_folder(database, name);
}

}  // namespace batchd::store
