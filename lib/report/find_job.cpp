#include "report/find_job.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "report/job_path.hpp"
#include "store/query/overview.hpp"

namespace batchd::report {
namespace {

/// A folder that was completed by a shell has one at its end.
std::string without_slashes(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    return path.substr(std::min(path.size(), path.find_first_not_of('/')));
}

/// The folder of a job in the outbox, where the path is that of a file in it.
std::string folder_of(const std::string& path) {
    static constexpr std::array<std::string_view, 5> kFiles = {
        "/output.jsonl", "/errors.jsonl", "/unreadable.jsonl", "/input.jsonl", "/job.json"};
    for (const std::string_view file : kFiles)
        if (path.ends_with(file)) return path.substr(0, path.size() - file.size());
    return path;
}

/// What people type or paste for a job's name, the most literal reading first: the name itself; of a path its
/// last part; and each without ".jsonl", for that is what they dropped.
std::vector<std::string> readings(const std::string& word) {
    constexpr std::string_view kEnding = ".jsonl";
    const std::string path = without_slashes(word);
    std::vector<std::string> names{word, path.substr(path.rfind('/') + 1)};
    for (const std::size_t i : {0U, 1U})
        if (names[i].size() > kEnding.size() && names[i].ends_with(kEnding))
            names.push_back(names[i].substr(0, names[i].size() - kEnding.size()));
    return names;
}

Result<std::vector<store::Job>> jobs_with(store::Store& store, const std::vector<store::JobId>& ids) {
    std::vector<store::Job> jobs;
    for (const store::JobId id : ids) {
        auto job = store.jobs.find(id);
        if (!job) return job.error();
        // One that was cleaned away since it was found is as good as not found.
        if (*job) jobs.push_back(std::move(**job));
    }
    return jobs;
}

/// The first reading that names a job counts: a file may be called a.jsonl.jsonl, and its name is a.jsonl.
Result<std::vector<store::Job>> jobs_called(store::Store& store, const std::string& word,
                                            const std::string& queue = "") {
    for (const std::string& name : readings(word)) {
        const auto ids = store::find_named(store.database, name);
        if (!ids) return ids.error();
        auto named = jobs_with(store, *ids);
        if (!named) return named;
        if (!queue.empty()) std::erase_if(*named, [&](const store::Job& job) { return job.queue != queue; });
        if (!named->empty()) return named;
    }
    return std::vector<store::Job>();
}

/// Behind those that are there already, without what is in both.
void add_others(std::vector<store::Job>& jobs, std::vector<store::Job> more) {
    for (store::Job& job : more)
        if (std::none_of(jobs.begin(), jobs.end(), [&](const auto& known) { return known.id == job.id; }))
            jobs.push_back(std::move(job));
}

Error not_there(const std::string& word) {
    return error(Errc::not_found, "there is no job " + printable(word));
}

/// Those that the path of a folder or file is about. None: it does not say enough, and its last part is a
/// name like any other.
Result<std::vector<store::Job>> jobs_at(store::Store& store, const config::Settings& settings,
                                        const std::string& word) {
    const std::string folder = folder_of(without_slashes(word));
    const auto ids = store::find_in_folder(store.database, folder);
    if (!ids) return ids.error();
    auto there = jobs_with(store, *ids);
    if (!there) return there;
    auto place = parse_job_path(folder_of(word), settings);
    if (!place && there->empty()) place = parse_job_path(word, settings);  // a job may be called output
    const bool is_meant = place && place->certainty == JobPath::Queue::meant;
    // The folder of a queue that there is, and not one of that name in which the outbox was once.
    if (is_meant && place->is_short && settings.queues.contains(place->queue))
        std::erase_if(*there, [&](const store::Job& job) { return job.queue != place->queue; });
    // The path of a folder is exact where two jobs had the same name; QUEUE/NAME may be either's.
    if (!place || (!there->empty() && !place->is_short)) return there;
    auto named = jobs_called(store, place->name, place->queue);
    if (!named) return named;
    add_others(*there, std::move(*named));
    if (there->empty() && is_meant)
        return error(Errc::not_found, "there is no job " + printable(place->name) + " in the queue " +
                                          printable(place->queue));
    return there;
}

Result<std::vector<store::Job>> candidates(store::Store& store, const config::Settings& settings,
                                           const std::string& word) {
    if (const auto number = job_number(word)) {
        // A file may be called 12.jsonl as well. The number is what `status` shows, so it comes before the
        // name.
        auto numbered = jobs_with(store, {*number});
        if (!numbered || !numbered->empty()) return numbered;
    }
    if (word.find('/') != std::string::npos) {
        auto there = jobs_at(store, settings, word);
        if (!there || !there->empty()) return there;
    }
    auto named = jobs_called(store, word);
    if (named && named->empty()) return not_there(word);
    return named;
}

}  // namespace

std::optional<store::JobId> job_number(const std::string& word) {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
    // A file may be called 2026-11-22.jsonl: only a word that is all number is one.
    if (ec != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return store::JobId{number};
}

Result<store::Job> find_job(store::Store& store, const config::Settings& settings, const std::string& word,
                            const std::function<bool(const store::Job&)>& suits) {
    const auto jobs = candidates(store, settings, word);
    if (!jobs) return jobs.error();
    std::vector<const store::Job*> suitable;
    for (const store::Job& job : *jobs)
        if (suits(job)) suitable.push_back(&job);
    // Then the caller says of the newest why it can't be done, which is more than "there is none".
    if (suitable.empty()) return jobs->front();
    if (suitable.size() == 1) return *suitable.front();
    std::string numbers;
    // They are found with the newest first, and numbers are read in rising order.
    for (auto job = suitable.rbegin(); job != suitable.rend(); ++job)
        numbers += (numbers.empty() ? "" : ", ") + std::to_string((*job)->id.value);
    return error(Errc::bad_input, "several jobs are called " + printable(word) + ": " + numbers +
                                      "; say which one by its number");
}

Result<store::Job> find_newest_job(store::Store& store, const config::Settings& settings,
                                   const std::string& word) {
    // With none that suits, it is the newest.
    return find_job(store, settings, word, [](const store::Job&) { return false; });
}

}  // namespace batchd::report
