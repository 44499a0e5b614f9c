#include "report/status/progress_words.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace batchd::report {

using store::JobOverview;
using store::JobState;

std::optional<Millis> time_left(const JobOverview& job, TimePoint now) {
    const std::uint64_t total = job.job.requests;
    // While nothing is at the provider, time passes without progress, and no pace follows from it.
    if (job.job.state != JobState::running || job.in_flight == 0 || !job.submitted_at) return std::nullopt;
    // What was collected before the oldest of these was submitted says nothing of their pace.
    const std::uint64_t before = job.job.succeeded + job.job.failed;
    if (job.done <= before || job.done >= total || now <= *job.submitted_at) return std::nullopt;
    const double pace =
        static_cast<double>((now - *job.submitted_at).count()) / static_cast<double>(job.done - before);
    return Millis(static_cast<std::int64_t>(pace * static_cast<double>(total - job.done)));
}

std::string time_left_words(const JobOverview& job, TimePoint now) {
    if (const auto left = time_left(job, now)) return "~" + rough_duration(*left);
    // What is not answered by then comes back as expired, so it is a bound that holds.
    if (job.in_flight > 0 && job.expires_at && *job.expires_at > now)
        return "<" + rough_duration(*job.expires_at - now);
    return {};
}

std::uint64_t answered(const JobOverview& job) {
    return job.done - std::min(job.done, job.failed);
}

std::string progress_bar(std::uint64_t answered, std::uint64_t failed, std::uint64_t total) {
    constexpr std::uint64_t kCells = 10;
    const auto cells = [&](std::uint64_t count) {
        // Rounded down, so that the bar is full only when everything is there. A provider may count more
        // than it was given.
        return total == 0 ? 0 : kCells * std::min(count, total) / total;
    };
    const std::uint64_t good = cells(answered);
    // A single failure among many is seen as well.
    const std::uint64_t bad =
        std::min(kCells - good, std::max<std::uint64_t>(cells(answered + failed) - good, failed > 0 ? 1 : 0));
    return "[" + std::string(good, '#') + std::string(bad, 'x') + std::string(kCells - good - bad, '-') + "]";
}

std::string percent(std::uint64_t answered, std::uint64_t total) {
    return total == 0 ? std::string() : std::to_string(100 * std::min(answered, total) / total) + "%";
}

/// What waits at the head of its queue has all that is known of it as its trouble.
std::string waits_for_money(const JobOverview& job) {
    const std::string cancelled = job.job.cancel_asked_at ? "being cancelled: " : "";
    if (!job.trouble.empty()) return cancelled + shortened(printable(job.trouble));
    if (job.job.waits_for == "budget") return cancelled + "waits for a person: its queue's budget is smaller";
    if (job.job.waits_for == "price") return cancelled + "waits for a price: nobody knows what it costs";
    return cancelled + "waits for money" +
           (job.job.not_before ? " until " + to_utc_text(*job.job.not_before) : "");
}

std::string waits_for(const JobOverview& job) {
    const auto with_trouble = [&](std::string text) {
        if (!job.trouble.empty()) text += "; " + shortened(printable(job.trouble));
        return job.job.cancel_asked_at ? "being cancelled: " + text : text;
    };
    std::string text;
    switch (job.job.state) {
        case JobState::claimed:
            return with_trouble("the file is being read");
        case JobState::planned:
        case JobState::running:
            if (!job.job.waits_for.empty()) return waits_for_money(job);
            if (job.job.waits)
                return with_trouble(job.job.not_before
                                        ? "waits in its queue until " + to_utc_text(*job.job.not_before)
                                        : "waits in its queue for more requests");
            if (job.to_submit > 0) text = with_commas(job.to_submit) + " to submit";
            if (job.in_flight > 0)
                text += (text.empty() ? "" : ", ") + with_commas(job.in_flight) + " at the provider";
            // Nothing to submit and nothing in flight, and yet not delivering: the last batches are being
            // collected.
            return with_trouble(text.empty() ? "answers are being fetched" : text);
        case JobState::delivering:
            return with_trouble("being put into the outbox");
        case JobState::cancelled:
            return "cancelled on request; " + printable(job.job.delivered_to);
        case JobState::done:
        case JobState::failed:
        case JobState::rejected:
            break;
    }
    const std::string reason = shortened(printable(job.job.reason)), folder = printable(job.job.delivered_to);
    return reason + (reason.empty() || folder.empty() ? "" : "; ") + folder;
}

std::string rough_duration(Millis duration) {
    const auto seconds = std::max<std::int64_t>(0, duration.count() / 1000);
    const auto minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    // Two units at most: nobody plans by the seconds of a day.
    if (minutes == 0) return std::to_string(seconds) + "s";
    if (hours == 0) return std::to_string(minutes) + "m";
    if (days == 0)
        return std::to_string(hours) + "h" +
               (minutes % 60 == 0 ? "" : " " + std::to_string(minutes % 60) + "m");
    return std::to_string(days) + "d" + (hours % 24 == 0 ? "" : " " + std::to_string(hours % 24) + "h");
}

}  // namespace batchd::report
