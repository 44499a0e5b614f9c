#include <algorithm>

#include "base/log.hpp"
#include "report/money_text.hpp"
#include "report/status/causes.hpp"
#include "report/status/order.hpp"
#include "report/status/progress_words.hpp"
#include "report/status/status.hpp"
#include "report/text_table.hpp"

namespace batchd::report {
namespace {

using store::JobOverview;
using Align = TextTable::Align;

constexpr std::size_t kConditionsShown = 8;
constexpr std::size_t kReasonsShown = 8;
constexpr std::size_t kCausesMax = 200;

std::string counts(std::uint64_t done, std::uint64_t failed, std::uint64_t total) {
    return with_commas(done) + "/" + with_commas(failed) + "/" + with_commas(total);
}

std::string age(const JobOverview& job, TimePoint now) {
    return rough_duration(job.job.finished_at.value_or(now) - job.job.created_at);
}

std::vector<const JobOverview*> in_order(const Status& status) {
    std::vector<const JobOverview*> jobs;
    for (const JobOverview& job : status.jobs) jobs.push_back(&job);
    std::sort(jobs.begin(), jobs.end(), [](const auto* a, const auto* b) { return comes_before(*a, *b); });
    return jobs;
}

/// Nothing where it is the default: whoever has one queue and one provider reads of neither.
std::string unless_default(const std::string& name) {
    return name == "default" ? std::string() : printable(name);
}

bool some_other_than_default(const Status& status, std::string store::Job::* name) {
    return std::any_of(status.jobs.begin(), status.jobs.end(),
                       [&](const JobOverview& job) { return job.job.*name != "default"; });
}

TextTable jobs_table(const Status& status) {
    const bool has_queues = some_other_than_default(status, &store::Job::queue);
    const bool has_providers = some_other_than_default(status, &store::Job::provider);
    // Behind the name, where they are shown at all.
    const auto widen = [&](auto row, auto queue, auto provider) {
        if (has_providers) row.insert(row.begin() + 2, std::move(provider));
        if (has_queues) row.insert(row.begin() + 2, std::move(queue));
        return row;
    };
    using Columns = std::vector<TextTable::Column>;
    TextTable table(widen(Columns{{.title = "ID", .align = Align::right},
                                  {.title = "NAME", .cut_to = 10},
                                  {.title = "STATE"},
                                  {.title = "PROGRESS", .dispensable = 5},
                                  {.title = "", .align = Align::right, .dispensable = 2},
                                  {.title = "DONE/FAILED/ALL", .align = Align::right, .dispensable = 3},
                                  {.title = "TOOK", .align = Align::right, .dispensable = 6},
                                  {.title = "LEFT", .align = Align::right, .dispensable = 4},
                                  {.title = "WHAT NEXT", .dispensable = 1, .cut_to = 10}},
                          TextTable::Column{.title = "QUEUE", .dispensable = 2, .cut_to = 8},
                          TextTable::Column{.title = "PROVIDER", .dispensable = 7, .cut_to = 8}));
    for (const JobOverview* job : in_order(status)) {
        const store::Job& row = job->job;
        // The bar shows what was answered and what failed; "done" would hide the failures in it.
        const std::uint64_t good = answered(*job);
        std::vector<std::string> cells{std::to_string(row.id.value),
                                       printable(row.name),
                                       std::string(to_string(row.state)),
                                       progress_bar(good, job->failed, row.requests),
                                       percent(good, row.requests),
                                       counts(good, job->failed, row.requests),
                                       age(*job, status.now),
                                       time_left_words(*job, status.now),
                                       waits_for(*job)};
        table.add(widen(std::move(cells), unless_default(row.queue), unless_default(row.provider)));
    }
    return table;
}

TextTable batches_table(const Status& status) {
    // Where there is no room, what a program would ask for goes first, and the status and the counts stay.
    TextTable table({{.title = "SHARD", .align = Align::right},
                     {.title = "TRY", .align = Align::right},
                     {.title = "STATUS"},
                     {.title = "DONE/FAILED/ALL", .align = Align::right},
                     {.title = "BATCH", .dispensable = 3, .cut_to = 12},
                     {.title = "MODEL", .dispensable = 2, .cut_to = 8},
                     {.title = "SUBMITTED", .dispensable = 4},
                     {.title = "ERROR", .dispensable = 1, .cut_to = 12}});
    for (const store::Batch& batch : status.details->batches)
        table.add({std::to_string(batch.shard), std::to_string(batch.attempt), printable(batch.status),
                   counts(batch.completed, batch.failed, batch.requests), printable(batch.batch_id),
                   printable(batch.model),
                   batch.submitted_at ? to_utc_text(*batch.submitted_at) : std::string(),
                   shortened(printable(batch.error))});
    return table;
}

/// "404 model_not_found: The model does not exist".
std::string reason(const ErrorGroup& group) {
    std::string text = group.status_code > 0 ? std::to_string(group.status_code) : std::string();
    if (!group.code.empty()) text += (text.empty() ? "" : " ") + group.code;
    if (!group.message.empty()) text += (text.empty() ? "" : ": ") + group.message;
    return text.empty() ? "no reason is given" : shortened(text);
}

std::string examples(const ErrorGroup& group) {
    std::string text;
    for (const FailedRequest& request : group.examples)
        text +=
            (text.empty() ? "" : ", ") +
            (request.custom_id.empty() ? "line " + std::to_string(request.line_number) : request.custom_id);
    return text;
}

std::vector<std::string> error_lines(const ErrorGroups& errors, std::size_t width) {
    TextTable table({{.title = "FAILED", .align = Align::right},
                     {.title = "WHY", .cut_to = 20},
                     {.title = "FOR EXAMPLE", .dispensable = 1, .cut_to = 12}});
    std::uint64_t shown = 0, all = errors.others;
    for (const ErrorGroup& group : errors.groups) all += group.requests;
    for (std::size_t i = 0; i < std::min(errors.groups.size(), kReasonsShown); ++i) {
        const ErrorGroup& group = errors.groups[i];
        table.add({with_commas(group.requests), reason(group), examples(group)});
        shown += group.requests;
    }
    auto lines = table.lines(width);
    if (all > shown)
        lines.push_back("and " + with_commas(all - shown) + " more for other reasons, in errors.jsonl");
    return lines;
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void add_details(std::vector<std::string>& lines, const Status& status, std::size_t width) {
    const store::Job& job = status.jobs.front().job;
    lines.push_back("");
    // Again, for a narrow table leaves them out.
    if (job.queue != "default") lines.push_back("in the queue " + printable(job.queue));
    if (job.provider != "default") lines.push_back("sent to the provider " + printable(job.provider));
    if (job.input_changed)
        lines.push_back("its file was altered after it was taken; what was sent is what had been read");
    if (job.retry_of)
        lines.push_back("sends the failed requests of job " + std::to_string(job.retry_of->value) + " again");
    if (job.input_tokens + job.output_tokens > 0)
        lines.push_back(with_commas(job.input_tokens) + " tokens in, " + with_commas(job.output_tokens) +
                        " out, as far as answered");
    if (const std::string spent = spent_words(job.spent); !spent.empty()) lines.push_back(spent);
    // Again, for the table may have had no room for it.
    const std::string next = waits_for(status.jobs.front());
    if (!next.empty()) lines.push_back(next);
    if (!status.details->batches.empty()) {
        lines.push_back("");
        append(lines, batches_table(status).lines(width));
    }
    if (const auto& errors = status.details->errors; errors && !errors->groups.empty()) {
        lines.push_back("");
        append(lines, error_lines(*errors, width));
    }
    lines.push_back("");
    for (const store::Event& event : status.details->events) {
        std::string line = to_utc_text(event.at) + "  " + printable(event.kind);
        if (!event.batch_id.empty()) line += " " + printable(event.batch_id);
        if (!event.detail.empty()) line += ": " + shortened(printable(event.detail));
        lines.push_back(std::move(line));
    }
}

/// "waiting for 3m, batch 12: …": one line for each cause.
std::vector<std::string> condition_lines(const Status& status) {
    std::vector<std::string> lines;
    const auto conditions = in_order_of_need(status.conditions);
    for (const store::Condition& condition : conditions) {
        // A token limit may hold up a thousand batches, each with a row of its own.
        if (lines.size() == kConditionsShown) {
            lines.push_back("and " + with_commas(conditions.size() - lines.size()) +
                            " more, in batchd status --json");
            break;
        }
        lines.push_back(printable(condition.kind) + " for " + rough_duration(status.now - condition.since) +
                        ", " + printable(condition.about) + ": " + shortened(printable(condition.text)));
    }
    return lines;
}

/// "gpu at http://gpu-1:8000/v1: 12.5 requests a second, 8 in flight of at most 16": one line for each that
/// is at work by itself.
std::vector<std::string> activity_lines(const Status& status) {
    std::vector<std::string> lines;
    for (const Status::Provider& provider : status.providers)
        if (!provider.activity.empty())
            lines.push_back(printable(provider.name) + " at " + printable(provider.base_url) + ": " +
                            printable(provider.activity));
    return lines;
}

}  // namespace

std::string status_summary(const Status& status) {
    const Status::Totals& totals = status.totals;
    std::string text = count_of(totals.running_jobs, "job running", "jobs running") + ", ";
    if (totals.waiting_jobs > 0) text += with_commas(totals.waiting_jobs) + " waiting in a queue, ";
    text += count_of(totals.batches_at_provider, "batch at the provider", "batches at the provider") + "; ";
    // Then nothing is waited for, and a cause would read as if somebody were at it.
    if (!status.pid) return text + "the daemon does not run";
    text += "the daemon runs (pid " + std::to_string(*status.pid) + ")";
    const std::string causes = cause_line(status.conditions, kCausesMax);
    return causes.empty() ? text : text + "; waiting: " + causes;
}

StatusText status_text(const Status& status, std::size_t width) {
    StatusText text;
    if (status.jobs.empty())
        text.lines.push_back("no jobs");
    else
        text.lines = jobs_table(status).lines(width);
    if (status.details) add_details(text.lines, status, width);
    const std::size_t head = text.lines.size();
    text.lines.push_back("");
    append(text.lines, activity_lines(status));
    append(text.lines, condition_lines(status));
    text.lines.push_back(status_summary(status));
    text.foot = text.lines.size() - head;
    if (width > 0)
        // A line that the terminal would break pushes the others off its screen.
        for (std::string& line : text.lines) line = fit(line, width);
    return text;
}

}  // namespace batchd::report
