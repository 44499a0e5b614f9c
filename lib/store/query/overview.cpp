#include "store/query/overview.hpp"

#include <tuple>

#include "store/told/conditions.hpp"

namespace batchd::store {

namespace {

struct ModelTokens {
    std::string model;
    std::uint64_t tokens = 0;
};

auto columns_of(ModelTokens& row) {
    return std::tie(row.model, row.tokens);
}

/// Of the jobs that share a batch, so many are named.
constexpr std::size_t kNamesMax = 3;

/// Events that say what a job waits for, as long as nothing has happened since.
bool is_trouble(const std::string& kind) {
    return kind == "waiting" || kind == "doubt" || kind == "token_limit" || kind == "provider_closed";
}

/// A condition is the surer of the two: it goes when the wait is over, while an event is only the newest
/// word.
Result<std::string> find_trouble(Database& database, JobId job) {
    auto conditions = Conditions(database).of_job(job);
    if (!conditions) return conditions.error();
    if (!conditions->empty()) return std::move(conditions->front().text);
    auto newest = last_events(database, job, 1);
    if (!newest) return newest.error();
    if (newest->empty() || !is_trouble(newest->front().kind)) return std::string();
    return std::move(newest->front().detail);
}

}  // namespace

static auto columns_of(Event& event) {
    return std::tie(event.at, event.batch_id, event.kind, event.detail);
}

/// What the view `running` knows; the rest is the job itself.
static auto columns_of(JobOverview& o) {
    return std::tie(o.done, o.failed, o.to_submit, o.in_flight, o.submitted_at, o.expires_at);
}

Result<std::optional<JobOverview>> look_at_job(Database& database, JobId id) {
    auto job = Jobs(database).find(id);
    if (!job) return job.error();
    if (!*job) return std::optional<JobOverview>();
    // The view has the open jobs only, and counts what runs at the provider among what is done.
    auto progress = database.query_first<JobOverview>(
        "SELECT done, failed, to_submit, in_flight, submitted_at, expires_at FROM running WHERE id = ?", id);
    if (!progress) return progress.error();
    JobOverview overview;
    overview.done = (*job)->succeeded + (*job)->failed;
    overview.failed = (*job)->failed;
    if (*progress) {
        overview = std::move(**progress);
        auto trouble = find_trouble(database, id);
        if (!trouble) return trouble.error();
        overview.trouble = std::move(*trouble);
    }
    overview.job = std::move(**job);
    return std::optional(std::move(overview));
}

Result<std::vector<JobOverview>> look_at_jobs(Database& database, const std::vector<JobId>& ids) {
    std::vector<JobOverview> jobs;
    // A query a job: each goes by an index, and a page shows some dozens.
    for (const JobId id : ids) {
        auto job = look_at_job(database, id);
        if (!job) return job.error();
        if (*job) jobs.push_back(std::move(**job));
    }
    return jobs;
}

Result<std::vector<JobOverview>> list_jobs(Database& database, std::size_t ended_max) {
    // `finished_at IS NOT NULL` is the condition of an index; without it the ended ones would be a full scan.
    const auto ids = database.query<JobId>(
        "SELECT id FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering') UNION"
        " SELECT id FROM (SELECT id FROM jobs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT ?)"
        " ORDER BY id",
        ended_max);
    if (!ids) return ids.error();
    return look_at_jobs(database, *ids);
}

Result<std::vector<Event>> last_events(Database& database, JobId id, std::size_t count_max) {
    return database.query<Event>(
        "SELECT at, batch, kind, detail FROM (SELECT id, at, batch, kind, detail FROM events WHERE job_id = "
        "?1"
        " OR (job_id IS NULL AND batch IN (SELECT b.batch_id FROM parts p JOIN batches b ON b.id = p.batch"
        "  WHERE p.job_id = ?1 AND b.bundle IS NOT NULL)) ORDER BY id DESC LIMIT ?2) ORDER BY id",
        id, count_max);
}

Result<std::map<std::string, std::uint64_t>> tokens_at_provider(Database& database,
                                                                const std::string& provider) {
    auto rows = database.query<ModelTokens>(
        "SELECT model, sum(estimated_tokens) FROM batches WHERE phase = 'watching' AND model <> ''"
        " AND provider = ? GROUP BY model",
        provider);
    if (!rows) return rows.error();
    std::map<std::string, std::uint64_t> tokens;
    for (ModelTokens& row : *rows) tokens.emplace(std::move(row.model), row.tokens);
    return tokens;
}

static auto columns_of(BatchSubject& b) {
    return std::tie(b.id, b.batch_id, b.overdue_at, b.expires_at);
}

static Result<void> name_jobs(Database& database, BatchSubject& batch) {
    auto jobs = database.query<JobId>(
        "SELECT DISTINCT job_id FROM parts WHERE batch = ? ORDER BY job_id LIMIT ?", batch.id, kNamesMax);
    if (!jobs) return jobs.error();
    batch.jobs = std::move(*jobs);
    const auto total = database.query_value<std::uint64_t>(
        "SELECT count(DISTINCT job_id) FROM parts WHERE batch = ?", batch.id);
    if (!total) return total.error();
    batch.jobs_total = *total;
    return {};
}

Result<std::vector<BatchSubject>> overdue_batches(Database& database, std::size_t count_max) {
    auto batches = database.query<BatchSubject>(
        "SELECT id, batch_id, overdue_at, expires_at FROM batches WHERE phase = 'watching'"
        " AND overdue_at IS NOT NULL ORDER BY overdue_at, id LIMIT ?",
        count_max);
    if (!batches) return batches;
    for (BatchSubject& batch : *batches)
        if (auto named = name_jobs(database, batch); !named) return named.error();
    return batches;
}

Result<std::optional<BatchSubject>> subject_of(Database& database, BatchRowId id) {
    auto batch = database.query_first<BatchSubject>(
        "SELECT id, batch_id, overdue_at, expires_at FROM batches WHERE id = ?", id);
    if (!batch || !*batch) return batch;
    if (auto named = name_jobs(database, **batch); !named) return named.error();
    return batch;
}

Result<std::vector<JobId>> find_in_folder(Database& database, const std::string& path) {
    return database.query<JobId>(
        "SELECT id FROM jobs WHERE substr(delivered_to, -length(?1) - 1) = '/' || ?1 ORDER BY id DESC", path);
}

Result<std::vector<JobId>> find_named(Database& database, const std::string& name) {
    auto ids = database.query<JobId>("SELECT id FROM jobs WHERE name = ? ORDER BY id DESC", name);
    if (!ids || !ids->empty()) return ids;
    // A second file of one name is delivered to a folder with a suffix, and people copy what they see there.
    return find_in_folder(database, name);
}

}  // namespace batchd::store
