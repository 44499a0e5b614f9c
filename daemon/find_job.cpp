#include "find_job.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "store/overview.hpp"

namespace batchd {
namespace {

std::optional<store::JobId> number_in(const std::string& word) {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (ec != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return store::JobId{number};
}

Result<std::vector<store::Job>> candidates(store::Store& store, const std::string& word) {
    std::vector<store::JobId> ids;
    if (const auto number = number_in(word)) ids.push_back(*number);
    std::vector<store::Job> jobs;
    for (bool by_name = ids.empty(); jobs.empty(); by_name = true) {
        if (by_name) {
            auto named = store::find_named(store.database, word);
            if (!named) return named.error();
            ids = std::move(*named);
        }
        for (const store::JobId id : ids) {
            auto job = store.jobs.find(id);
            if (!job) return job.error();
            if (*job) jobs.push_back(std::move(**job));
        }
        if (by_name) break;
    }
    if (jobs.empty()) return error(Errc::not_found, "there is no job " + printable(word));
    return jobs;
}

}  // namespace

Result<store::Job> find_job(store::Store& store, const std::string& word,
                            const std::function<bool(const store::Job&)>& suits) {
    const auto jobs = candidates(store, word);
    if (!jobs) return jobs.error();
    std::vector<const store::Job*> suitable;
    for (const store::Job& job : *jobs)
        if (suits(job)) suitable.push_back(&job);
    if (suitable.empty()) return jobs->front();
    if (suitable.size() == 1) return *suitable.front();
    std::string numbers;
    for (auto job = suitable.rbegin(); job != suitable.rend(); ++job)
        numbers += (numbers.empty() ? "" : ", ") + std::to_string((*job)->id.value);
    return error(Errc::bad_input, "several jobs are called " + printable(word) + ": " + numbers +
                                      "; say which one by its number");
}

Result<store::Job> find_newest_job(store::Store& store, const std::string& word) {
    return find_job(store, word, [](const store::Job&) { return false; });
}

}  // namespace batchd
