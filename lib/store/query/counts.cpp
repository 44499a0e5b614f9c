#include "store/query/counts.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace batchd::store {
namespace {

constexpr const char* kEndedJobs =
    "SELECT state, count(*) FROM jobs WHERE state IN ('done', 'failed', 'rejected', 'cancelled')"
    " GROUP BY state";
// What tells of trouble that costs money; the other kinds are seen in what is counted otherwise.
constexpr const char* kNewEvents =
    "SELECT kind, count(*) FROM events WHERE id > ?1 AND kind IN ('doubt', 'twin_cancelled') GROUP BY kind";
/// A row for each model and queue of the jobs that have a part in one of these batches.
constexpr const char* kCollected =
    "SELECT b.model, j.queue, sum(p.completed), sum(p.failed), sum(p.input_tokens), sum(p.output_tokens),"
    " sum(p.cached_tokens), coalesce(sum(p.cost), 0), coalesce(sum(p.cost_sync), 0),"
    // Each by itself: a sum of both kinds would fall with the next one that costs more than its requests
    // alone.
    " coalesce(sum(max(p.cost_sync - p.cost, 0)), 0), sum(p.unpriced),"
    " sum(iif(b.batch_id IS NULL OR p.left_at IS NOT NULL, 0,"
    "  max(p.requests - p.completed - p.failed, 0)))"
    " FROM batches b JOIN parts p ON p.batch = b.id JOIN jobs j ON j.id = p.job_id"
    " WHERE b.id BETWEEN ?1 AND ?2 AND b.phase = 'collected' GROUP BY 1, 2";

/// A file of which an earlier attempt was refused goes out with the next one, and is uploaded once.
constexpr const char* kUploads =
    "SELECT coalesce(sum(bytes), 0) FROM batches b WHERE b.id BETWEEN ?1 AND ?2 AND b.phase = 'collected'"
    " AND b.input_file_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batches o"
    "  WHERE o.input_file_id = b.input_file_id AND o.id < b.id)";
// "notify.NAME: notice 12 (done): …", as `batchd hooks` tells of it.
constexpr const char* kNewHooks =
    "SELECT iif(detail LIKE 'notify.%: %', substr(detail, 8, instr(detail, ': ') - 8), 'other'),"
    " sum(kind = 'hook_run'), sum(kind = 'hook_failed') FROM events"
    " WHERE id > ?1 AND kind IN ('hook_run', 'hook_failed') GROUP BY 1";

struct HookRow {
    std::string hook;
    std::uint64_t succeeded = 0, failed = 0;
};

auto columns_of(HookRow& row) {
    return std::tie(row.hook, row.succeeded, row.failed);
}

struct WordCount {
    std::string word;
    std::uint64_t count = 0;
};

auto columns_of(WordCount& row) {
    return std::tie(row.word, row.count);
}

struct EndedJob {
    std::int64_t id = 0;
    std::string state;
    std::string queue;
    std::uint64_t seconds = 0;
};

auto columns_of(EndedJob& row) {
    return std::tie(row.id, row.state, row.queue, row.seconds);
}

struct ClassCount {
    std::string queue;
    std::uint64_t bound = 0;  // its number
    std::uint64_t jobs = 0;
    std::uint64_t seconds = 0;
};

auto columns_of(ClassCount& row) {
    return std::tie(row.queue, row.bound, row.jobs, row.seconds);
}

// A clock that was set back between the two gives no duration.
constexpr const char* kEnded =
    "SELECT id, state, queue, max(coalesce(unixepoch(finished_at) - unixepoch(created_at), 0), 0) FROM jobs"
    " WHERE id BETWEEN ?1 AND ?2 AND state IN ('done', 'failed', 'rejected', 'cancelled')";
/// The classes are those of kDurationBounds.
constexpr const char* kDurations =
    "SELECT queue, CASE WHEN s <= 60 THEN 0 WHEN s <= 300 THEN 1 WHEN s <= 900 THEN 2 WHEN s <= 3600 THEN 3"
    " WHEN s <= 10800 THEN 4 WHEN s <= 21600 THEN 5 WHEN s <= 43200 THEN 6 WHEN s <= 86400 THEN 7"
    " WHEN s <= 172800 THEN 8 ELSE 9 END, count(*), sum(s) FROM"
    " (SELECT queue, max(coalesce(unixepoch(finished_at) - unixepoch(created_at), 0), 0) AS s FROM jobs"
    " WHERE state IN ('done', 'failed', 'rejected', 'cancelled')) GROUP BY 1, 2";

// Apart: rows are counted by the page where nothing else is asked of each.
constexpr const char* kJobs = "SELECT (SELECT count(*) FROM jobs), coalesce((SELECT max(id) FROM jobs), 0)";
constexpr const char* kBatches =
    "SELECT (SELECT count(*) FROM batches), coalesce((SELECT max(id) FROM batches), 0)";

struct Extent {
    std::uint64_t rows = 0;
    std::int64_t last = 0;
};

auto columns_of(Extent& row) {
    return std::tie(row.rows, row.last);
}

struct Late {
    std::uint64_t overdue = 0;
    std::optional<TimePoint> oldest;
};

auto columns_of(Late& row) {
    return std::tie(row.overdue, row.oldest);
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t sum = 0;
    for (const auto& [word, count] : counts) sum += count;
    return sum;
}

/// What was open when it was looked at last, and is not any more. Both are sorted.
std::vector<std::int64_t> gone(const std::vector<std::int64_t>& before,
                               const std::vector<std::int64_t>& now) {
    std::vector<std::int64_t> ids;
    std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(ids));
    return ids;
}

void add(std::map<std::string, std::uint64_t>& counts, const std::vector<WordCount>& rows) {
    for (const WordCount& row : rows) counts[row.word] += row.count;
}

}  // namespace

static auto columns_of(ModelCount& row) {
    return std::tie(row.model, row.queue, row.succeeded, row.failed, row.input_tokens, row.output_tokens,
                    row.cached_tokens, row.cost, row.cost_sync, row.saved, row.unpriced, row.retried);
}

Result<Counts> Counting::look(Database& database) {
    // A read transaction: between two of these statements the daemon goes on.
    if (auto begun = database.execute("BEGIN"); !begun) return begun.error();
    Counts counts;
    const auto counted = count(database, counts);
    // Nothing was written; whatever ends it gives the same.
    const auto ended = database.execute("ROLLBACK");
    if (!counted) {
        begun_ = false;
        return counted.error();
    }
    if (!ended) return ended.error();
    return counts;
}

Result<void> Counting::count(Database& database, Counts& counts) {
    if (!begun_)
        if (auto begun = begin(database); !begun) return begun;
    if (auto added = add_jobs(database, counts); !added) return added;
    if (auto added = add_batches(database, counts); !added) return added;
    if (auto added = add_events(database, counts); !added) return added;
    auto calls = ProviderCallTable(database).all();
    if (!calls) return calls.error();
    counts.calls = std::move(*calls);
    counts.ended = ended_;
    counts.durations = durations_;
    for (const auto& [key, model] : models_) counts.models.push_back(model);
    std::stable_sort(counts.models.begin(), counts.models.end(), [](const auto& a, const auto& b) {
        return a.succeeded + a.failed > b.succeeded + b.failed;
    });
    const auto late = database.query_value<Late>(
        "SELECT (SELECT count(*) FROM batches WHERE phase = 'watching' AND overdue_at IS NOT NULL),"
        " (SELECT min(submitted_at) FROM batches WHERE phase = 'watching' AND submitted_at IS NOT NULL)");
    if (!late) return late.error();
    counts.overdue = late->overdue;
    counts.oldest_batch = late->oldest;
    return {};
}

/// Both tables from end to end.
Result<void> Counting::begin(Database& database) {
    *this = Counting();
    auto jobs = database.query<WordCount>(kEndedJobs);
    if (!jobs) return jobs.error();
    for (const WordCount& row : *jobs) ended_[row.word] = kept_[row.word] = row.count;
    const auto durations = database.query<ClassCount>(kDurations);
    if (!durations) return durations.error();
    for (const ClassCount& row : *durations) {
        durations_[row.queue].jobs.at(row.bound) += row.jobs;
        durations_[row.queue].seconds += row.seconds;
    }
    if (auto added = add_collected(database, 0, std::numeric_limits<std::int64_t>::max()); !added)
        return added;
    const auto last_job = database.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM jobs");
    if (!last_job) return last_job.error();
    const auto last_batch = database.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM batches");
    if (!last_batch) return last_batch.error();
    last_job_ = *last_job;
    last_batch_ = *last_batch;
    begun_ = true;
    return {};
}

Result<void> Counting::add_jobs(Database& database, Counts& counts) {
    const auto extent = database.query_value<Extent>(kJobs);
    if (!extent) return extent.error();
    // Numbers only rise, so that a lower one is of a database that was built again.
    if (extent->last < last_job_)
        if (auto begun = begin(database); !begun) return begun;
    const auto open = database.query<WordCount>(
        "SELECT state, count(*) FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')"
        " GROUP BY state");
    if (!open) return open.error();
    // Numbers without their words: there may be tens of thousands.
    auto now = database.query<std::int64_t>(
        "SELECT id FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')");
    if (!now) return now.error();
    std::sort(now->begin(), now->end());
    auto ended = database.query<EndedJob>(kEnded, last_job_ + 1, extent->last);
    if (!ended) return ended.error();
    for (const std::int64_t id : gone(open_jobs_, *now)) {
        if (id > last_job_) continue;
        // What was cleaned away since is not found, and is in no sum.
        const auto row = database.query_first<EndedJob>(kEnded, id, id);
        if (!row) return row.error();
        if (*row) ended->push_back(**row);
    }
    for (const EndedJob& row : *ended) {
        ++ended_[row.state];
        ++kept_[row.state];
        const auto bound = std::lower_bound(kDurationBounds.begin(), kDurationBounds.end(), row.seconds);
        DurationCount& of_queue = durations_[row.queue];
        ++of_queue.jobs.at(static_cast<std::size_t>(bound - kDurationBounds.begin()));
        of_queue.seconds += row.seconds;
    }
    open_jobs_ = std::move(*now);
    last_job_ = extent->last;
    store::add(counts.jobs, *open);
    if (auto recounted = recount_jobs(database, extent->rows, counts); !recounted) return recounted;
    for (const auto& [word, count] : kept_) counts.jobs[word] = count;
    return {};
}

/// Where jobs were cleaned away, nobody says which.
Result<void> Counting::recount_jobs(Database& database, std::uint64_t on_record, const Counts& counts) {
    if (sum_of(counts.jobs) + sum_of(kept_) == on_record) return {};
    const auto kept = database.query<WordCount>(kEndedJobs);
    if (!kept) return kept.error();
    kept_.clear();
    for (const WordCount& row : *kept) kept_[row.word] = row.count;
    return {};
}

Result<void> Counting::add_batches(Database& database, Counts& counts) {
    const auto extent = database.query_value<Extent>(kBatches);
    if (!extent) return extent.error();
    const auto active = database.query<WordCount>(
        "SELECT phase, count(*) FROM batches WHERE phase <> 'collected' GROUP BY phase");
    if (!active) return active.error();
    auto now = database.query<std::int64_t>("SELECT id FROM batches WHERE phase <> 'collected'");
    if (!now) return now.error();
    std::sort(now->begin(), now->end());
    if (auto added = add_collected(database, last_batch_ + 1, extent->last); !added) return added;
    for (const std::int64_t id : gone(open_batches_, *now)) {
        if (id > last_batch_) continue;
        if (auto added = add_collected(database, id, id); !added) return added;
    }
    counts.batches["collected"] = extent->rows - now->size();
    open_batches_ = std::move(*now);
    last_batch_ = extent->last;
    store::add(counts.batches, *active);
    counts.uploaded_bytes = uploaded_bytes_;
    return {};
}

/// Of the batches with these numbers, those that were collected.
Result<void> Counting::add_collected(Database& database, std::int64_t first, std::int64_t last) {
    const auto models = database.query<ModelCount>(kCollected, first, last);
    if (!models) return models.error();
    for (const ModelCount& row : *models) add(row);
    const auto bytes = database.query_value<std::uint64_t>(kUploads, first, last);
    if (!bytes) return bytes.error();
    uploaded_bytes_ += *bytes;
    return {};
}

Result<void> Counting::add_hooks(Database& database) {
    const auto fresh = database.query<HookRow>(kNewHooks, last_event_);
    if (!fresh) return fresh.error();
    for (const HookRow& row : *fresh) {
        // The name comes out of a text that others may have written: it must not fill the memory of who
        // counts.
        const bool has_place = hooks_.contains(row.hook) || hooks_.size() < kHooksMax;
        HookCount& count = hooks_[has_place ? row.hook : "other"];
        count.succeeded += row.succeeded;
        count.failed += row.failed;
    }
    return {};
}

/// Only what is new: there may be a million of them.
Result<void> Counting::add_events(Database& database, Counts& counts) {
    const auto last = database.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM events");
    if (!last) return last.error();
    const auto fresh = database.query<WordCount>(kNewEvents, last_event_);
    if (!fresh) return fresh.error();
    store::add(events_, *fresh);
    if (auto added = add_hooks(database); !added) return added;
    auto started = database.query_first<TimePoint>(
        "SELECT at FROM events WHERE id > ?1 AND kind = 'started' ORDER BY id DESC LIMIT 1", last_event_);
    if (!started) return started.error();
    if (*started) started_at_ = *started;
    last_event_ = *last;
    counts.events = events_;
    counts.hooks = hooks_;
    counts.started_at = started_at_;
    return {};
}

void Counting::add(const ModelCount& count) {
    ModelCount& sum = models_.try_emplace({count.model, count.queue}).first->second;
    sum.model = count.model;
    sum.queue = count.queue;
    sum.succeeded += count.succeeded;
    sum.failed += count.failed;
    sum.input_tokens += count.input_tokens;
    sum.output_tokens += count.output_tokens;
    sum.cached_tokens += count.cached_tokens;
    sum.cost += count.cost;
    sum.cost_sync += count.cost_sync;
    sum.saved += count.saved;
    sum.unpriced += count.unpriced;
    sum.retried += count.retried;
}

}  // namespace batchd::store
