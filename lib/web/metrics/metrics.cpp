#include "web/metrics/metrics.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
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
    void counter(const char* name, const char* help, const Labels& labels, std::uint64_t value) {
        auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
        family.Add(labels).Increment(static_cast<double>(value));
    }
    std::string text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

private:
    prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

bool is_final_word(std::string_view state) {
    return state == "done" || state == "failed" || state == "rejected" || state == "cancelled";
}

void add_jobs(Scrape& scrape, const store::Counts& counts) {
    constexpr std::array kStates{"claimed", "planned", "running",  "delivering",
                                 "done",    "failed",  "rejected", "cancelled"};
    for (const char* state : kStates) {
        const auto found = counts.jobs.find(state);
        const std::uint64_t count = found == counts.jobs.end() ? 0 : found->second;
        scrape.gauge("batchd_jobs", "Jobs on record.", {{"state", state}}, static_cast<double>(count));
        if (is_final_word(state))
            scrape.counter("batchd_jobs_total", "Jobs that have ended.", {{"result", state}}, count);
    }
}

void add_usage(Scrape& scrape, const store::Counts& counts) {
    constexpr const char *kRequests = "Requests that have ended.", *kTokens = "Tokens, as the answers say.";
    std::set<std::string> models;
    for (const store::ModelCount& count : counts.models) {
        // A label for each model that somebody ever typed would grow without end in the memory of whoever
        // scrapes.
        const bool has_label = models.contains(count.model) || models.size() < kModelsMax;
        const std::string model = has_label ? *models.insert(count.model).first : "other";
        const auto labels = [&](const char* name, const char* value) {
            return Labels{{name, value}, {"model", model}, {"queue", count.queue}};
        };
        scrape.counter("batchd_requests_total", kRequests, labels("result", "succeeded"), count.succeeded);
        scrape.counter("batchd_requests_total", kRequests, labels("result", "failed"), count.failed);
        scrape.counter("batchd_tokens_total", kTokens, labels("direction", "input"), count.input_tokens);
        scrape.counter("batchd_tokens_total", kTokens, labels("direction", "output"), count.output_tokens);
    }
}

bool is_closed(const report::Status& status, const report::Status::Provider& provider) {
    return std::any_of(status.conditions.begin(), status.conditions.end(), [&](const store::Condition& c) {
        return (c.kind == "no_key" || c.kind == "provider_closed") &&
               (c.about == provider.name || c.about == provider.base_url);
    });
}

void add_providers(Scrape& scrape, const report::Status& status) {
    for (const report::Status::Provider& provider : status.providers) {
        const bool is_open = status.pid && !is_closed(status, provider);
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

void add_needs(Scrape& scrape, const report::Status& status, const store::Counts& counts) {
    for (const auto& [phase, count] : counts.batches)
        scrape.gauge("batchd_batches", "Batches on record.", {{"phase", phase}}, static_cast<double>(count));
    scrape.gauge("batchd_overdue_batches", "Batches that take longer than the provider promises.", {},
                 static_cast<double>(counts.overdue));
    using Seconds = std::chrono::duration<double>;
    const double age = counts.oldest_batch ? Seconds(status.now - *counts.oldest_batch).count() : 0;
    scrape.gauge("batchd_oldest_batch_age_seconds", "Since the oldest batch at a provider was submitted.", {},
                 std::max(age, 0.0));
    for (const store::Condition& condition : status.conditions)
        if (condition.kind == "left_alone")
            scrape.gauge("batchd_inbox_files_left_alone", "Files of the inbox that are not taken.",
                         {{"reason", condition.about}}, static_cast<double>(condition.files));
}

}  // namespace

std::string metrics_text(const report::Status& status, const store::Counts& counts,
                         const std::string& version) {
    Scrape scrape;
    scrape.gauge("batchd_build_info", "The version of batchd.", {{"version", version}}, 1);
    scrape.gauge("batchd_daemon_running", "1 while the daemon runs.", {}, status.pid ? 1 : 0);
    add_jobs(scrape, counts);
    add_usage(scrape, counts);
    add_providers(scrape, status);
    add_needs(scrape, status, counts);
    return scrape.text();
}

}  // namespace batchd::web
