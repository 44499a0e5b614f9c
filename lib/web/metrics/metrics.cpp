#include "web/metrics/metrics.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace batchd::web {
namespace {

using prometheus::Labels;

/// One scrape. The same family may be asked for again, for its next label.
class Scrape {
public:
    void gauge(const char* name, const char* help, const Labels& labels, double value) {
        prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels).Set(value);
    }
    void counter(const char* name, const char* help, const Labels& labels, double value) {
        prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels).Increment(value);
    }
    /// `counts` by class; the last is above all bounds.
    void histogram(const char* name, const char* help, const Labels& labels,
                   const prometheus::Histogram::BucketBoundaries& bounds, const std::vector<double>& counts,
                   double sum) {
        prometheus::BuildHistogram()
            .Name(name)
            .Help(help)
            .Register(registry_)
            .Add(labels, bounds)
            .ObserveMultiple(counts, sum);
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

private:
    prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

/// What nobody has counted yet is 0, so that each series is there from the first scrape on.
double count_in(const std::map<std::string, std::uint64_t>& counts, const std::string& word) {
    const auto found = counts.find(word);
    return found == counts.end() ? 0 : static_cast<double>(found->second);
}

bool is_final_word(std::string_view state) {
    return state == "done" || state == "failed" || state == "rejected" || state == "cancelled";
}

void add_jobs(Scrape& scrape, const store::Counts& counts) {
    constexpr std::array kStates{"claimed", "planned", "running",  "delivering",
                                 "done",    "failed",  "rejected", "cancelled"};
    for (const char* state : kStates) {
        scrape.gauge("batchd_jobs", "Jobs on record.", {{"state", state}}, count_in(counts.jobs, state));
        if (is_final_word(state))
            scrape.counter("batchd_jobs_total", "Jobs that have ended.", {{"result", state}},
                           count_in(counts.ended, state));
    }
}

// Money is whole nano-dollars everywhere else; only here it leaves as the fraction that the format wants.
constexpr double kNano = 1e9;

/// One model in one queue.
void add_model(Scrape& scrape, const std::string& model, const store::ModelCount& count) {
    const auto labels = [&](const char* name, const char* value) {
        return Labels{{name, value}, {"model", model}, {"queue", count.queue}};
    };
    const auto requests = [&](const char* result, std::uint64_t number) {
        scrape.counter("batchd_requests_total", "Requests that have ended, or went out again.",
                       labels("result", result), static_cast<double>(number));
    };
    const auto tokens = [&](const char* direction, std::uint64_t number) {
        scrape.counter("batchd_tokens_total", "Tokens, as the answers say; cached ones are input as well.",
                       labels("direction", direction), static_cast<double>(number));
    };
    requests("succeeded", count.succeeded);
    requests("failed", count.failed);
    requests("retried", count.retried);
    tokens("input", count.input_tokens);
    tokens("output", count.output_tokens);
    tokens("cached", count.cached_tokens);
    const Labels whose{{"model", model}, {"queue", count.queue}};
    scrape.counter("batchd_unpriced_answers_total", "Answers that are in no cost: nobody knows their price.",
                   whose, static_cast<double>(count.unpriced));
    // A cost of 0 would say that it is free, where nobody knows the price.
    if (count.cost == 0 && count.cost_sync == 0) return;
    scrape.counter("batchd_cost_dollars_total", "What was paid, where a price is known.", whose,
                   static_cast<double>(count.cost) / kNano);
    scrape.counter("batchd_saved_dollars_total", "Less than at the price without batches.", whose,
                   static_cast<double>(count.saved) / kNano);
}

void add_usage(Scrape& scrape, const store::Counts& counts) {
    std::set<std::string> models;
    for (const store::ModelCount& count : counts.models) {
        // A label for each model that somebody ever typed would grow without end in the memory of whoever
        // scrapes.
        const bool has_label = models.contains(count.model) || models.size() < kModelsMax;
        add_model(scrape, has_label ? *models.insert(count.model).first : "other", count);
    }
}

void add_durations(Scrape& scrape, const store::Counts& counts) {
    const prometheus::Histogram::BucketBoundaries bounds(store::kDurationBounds.begin(),
                                                         store::kDurationBounds.end());
    for (const auto& [queue, took] : counts.durations)
        scrape.histogram("batchd_job_duration_seconds",
                         "From the claim of a file to its folder in the outbox.", {{"queue", queue}}, bounds,
                         {took.jobs.begin(), took.jobs.end()}, static_cast<double>(took.seconds));
}

void add_troubles(Scrape& scrape, const store::Counts& counts) {
    scrape.counter("batchd_doubts_total",
                   "Calls that cost of which it was not known whether they took effect.", {},
                   count_in(counts.events, "doubt"));
    scrape.counter("batchd_twins_cancelled_total", "Second batches of ours that were found and cancelled.",
                   {}, count_in(counts.events, "twin_cancelled"));
    // There are at most kHooksMax of these, however often somebody renames a hook.
    for (const auto& [hook, runs] : counts.hooks)
        for (const auto& [result, count] :
             {std::pair("succeeded", runs.succeeded), std::pair("failed", runs.failed)})
            scrape.counter("batchd_hook_runs_total", "Runs of the command of a [notify.NAME].",
                           {{"hook", hook}, {"result", result}}, static_cast<double>(count));
}

void add_providers(Scrape& scrape, const report::Status& status) {
    for (const report::Status::Provider& provider : status.providers) {
        // Without the daemon nothing is sent to anybody, whatever its last condition was.
        const bool is_open = status.pid && report::why_closed(status, provider) == nullptr;
        const std::string& name = provider.name;
        scrape.gauge("batchd_provider_open", "1 while requests can be sent to it.", {{"provider", name}},
                     is_open ? 1 : 0);
        for (const auto& [model, tokens] : provider.enqueued_tokens)
            scrape.gauge("batchd_enqueued_tokens", "Estimated tokens of batches at the provider.",
                         {{"provider", name}, {"model", model}}, static_cast<double>(tokens));
        for (const auto& [model, tokens] : provider.limits)
            scrape.gauge("batchd_enqueued_tokens_limit", "Configured limit of enqueued tokens.",
                         {{"provider", name}, {"model", model}}, static_cast<double>(tokens));
    }
}

void add_calls(Scrape& scrape, const store::Counts& counts) {
    constexpr double kMilli = 1e3;
    prometheus::Histogram::BucketBoundaries bounds;
    for (const std::uint64_t bound : store::kCallBoundsMs)
        bounds.push_back(static_cast<double>(bound) / kMilli);
    std::uint64_t bytes = 0;
    // By provider, operation and code, and the classes of one after the other.
    for (auto row = counts.calls.begin(); row != counts.calls.end();) {
        const auto key = std::tie(row->provider, row->operation, row->code);
        const Labels labels{{"provider", row->provider}, {"operation", row->operation}, {"code", row->code}};
        std::vector<double> classes(bounds.size() + 1);
        double took_ms = 0;
        for (; row != counts.calls.end() && std::tie(row->provider, row->operation, row->code) == key;
             ++row) {
            const auto bound =
                std::find(store::kCallBoundsMs.begin(), store::kCallBoundsMs.end(), row->up_to_ms);
            classes[static_cast<std::size_t>(bound - store::kCallBoundsMs.begin())] +=
                static_cast<double>(row->calls);
            took_ms += static_cast<double>(row->took_ms);
            bytes += row->bytes;
        }
        scrape.histogram("batchd_provider_request_duration_seconds",
                         "How long calls to the provider took, by what was asked for and what came back.",
                         labels, bounds, classes, took_ms / kMilli);
    }
    scrape.counter("batchd_download_bytes_total", "Files and answers that were fetched from providers.", {},
                   static_cast<double>(bytes));
}

void add_batches(Scrape& scrape, const report::Status& status, const store::Counts& counts) {
    // Each has a series, with 0 as well: one that comes and goes is a gap in whatever is made of it.
    for (const char* phase :
         {"planned", "uploading", "uploaded", "creating", "watching", "ended", "collected"})
        scrape.gauge("batchd_batches", "Batches on record.", {{"status", phase}},
                     count_in(counts.batches, phase));
    scrape.counter("batchd_upload_bytes_total", "Files that were uploaded, of batches that are collected.",
                   {}, static_cast<double>(counts.uploaded_bytes));
    scrape.gauge("batchd_overdue_batches", "Batches that take longer than the provider promises.", {},
                 static_cast<double>(counts.overdue));
    using Seconds = std::chrono::duration<double>;
    const double age = counts.oldest_batch ? Seconds(status.now - *counts.oldest_batch).count() : 0;
    scrape.gauge("batchd_oldest_batch_age_seconds", "Since the oldest batch at a provider was submitted.", {},
                 // A clock that was set back must not show an age below 0.
                 std::max(age, 0.0));
}

void add_conditions(Scrape& scrape, const report::Status& status) {
    std::map<std::string, std::uint64_t> kinds;
    for (const char* kind : {"held", "no_key", "configuration", "inbox_gone", "provider_closed", "budget",
                             "waiting", "left_alone"})
        kinds[kind] = 0;
    for (const store::Condition& condition : status.conditions) ++kinds[condition.kind];
    for (const auto& [kind, count] : kinds)
        scrape.gauge("batchd_conditions", "What is waited for now.", {{"kind", kind}},
                     static_cast<double>(count));
    for (const store::Condition& condition : status.conditions)
        if (condition.kind == "left_alone")
            scrape.gauge("batchd_inbox_files_left_alone", "Files of the inbox that are not taken.",
                         {{"reason", condition.about}}, static_cast<double>(condition.files));
}

}  // namespace

std::string metrics_text(const report::Status& status, const store::Counts& counts, const Folders& folders,
                         const std::string& version) {
    Scrape scrape;
    scrape.gauge("batchd_build_info", "The version of batchd.", {{"version", version}}, 1);
    scrape.gauge("batchd_daemon_running", "1 while the daemon runs.", {}, status.pid ? 1 : 0);
    // Of a daemon that does not run, the start is no fact of now.
    if (status.pid && counts.started_at)
        scrape.gauge("batchd_start_time_seconds", "When the daemon was started, in seconds since 1970.", {},
                     std::chrono::duration<double>(counts.started_at->time_since_epoch()).count());
    add_jobs(scrape, counts);
    add_durations(scrape, counts);
    add_troubles(scrape, counts);
    add_usage(scrape, counts);
    add_providers(scrape, status);
    add_calls(scrape, counts);
    add_batches(scrape, status, counts);
    add_conditions(scrape, status);
    for (const auto& [queue, files] : folders.waiting)
        scrape.gauge("batchd_inbox_files", "Files NAME.jsonl that lie in the inbox.", {{"queue", queue}},
                     static_cast<double>(files));
    for (const auto& [folder, bytes] : folders.free_bytes)
        scrape.gauge("batchd_disk_free_bytes", "Free where the folder is.", {{"folder", folder}},
                     static_cast<double>(bytes));
    return scrape.text();
}

Result<std::string> read_metrics(store::Store& store, store::Counting& counting,
                                 const config::Settings& settings, const Folders& folders, TimePoint now,
                                 const std::string& version) {
    store::JobSearch none;
    // The conditions and the providers only: no job of a hundred thousand is read for a scrape.
    none.count_max = 0;
    const auto status = report::read_found(store, settings, none, now);
    if (!status) return status.error();
    const auto counts = counting.look(store.database);
    if (!counts) return counts.error();
    return metrics_text(*status, *counts, folders, version);
}

}  // namespace batchd::web
