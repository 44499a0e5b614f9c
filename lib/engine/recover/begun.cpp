#include "engine/recover/begun.hpp"

#include <algorithm>

#include <sys/stat.h>

#include "engine/bundle/bundle_file.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace {

bool is_prepared_first(const std::string& name) {
    const auto attempt = attempt_of_lines(name);
    return attempt && attempt->attempt == 1;
}

Result<TimePoint> written_at(const Path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return system_failure("look at " + path.string());
    return TimePoint(std::chrono::seconds(status.st_mtime));
}

}  // namespace

Result<std::map<std::string, TimePoint>> bundled_jobs(const spool::Layout& layout) {
    const auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    std::map<std::string, TimePoint> jobs;
    for (const std::string& key : *keys) {
        const auto bundle = read_bundle_file(layout.bundle(key));
        if (!bundle && bundle.error().code == Errc::not_found) continue;
        if (!bundle) return bundle.error();
        const auto at = written_at(layout.bundle(key));
        if (!at) return at.error();
        for (const BundleMember& member : bundle->members) jobs.emplace(member.job_key, *at);
    }
    return jobs;
}

Result<std::optional<TimePoint>> begun_at(const spool::Layout& layout, const std::string& job_key) {
    const Path folder = layout.work_directory(job_key);
    const auto names = names_in(folder);
    if (!names) return names.error();
    std::optional<TimePoint> begun;
    for (const std::string& name : *names) {
        // The plan leaves first attempts and nothing else; whatever else there is was made on the way to a
        // provider.
        if (!name.starts_with("shard-") || is_prepared_first(name)) continue;
        const auto at = written_at(folder / name);
        if (!at) return at.error();
        begun = std::min(begun.value_or(*at), *at);
    }
    return begun;
}

}  // namespace batchd::engine
