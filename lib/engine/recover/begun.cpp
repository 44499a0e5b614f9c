#include "engine/recover/begun.hpp"

#include <optional>

#include "engine/bundle/bundle_file.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace fs = std::filesystem;

namespace {

bool is_prepared_first(const std::string& name) {
    const auto attempt = attempt_of_lines(name);
    return attempt && attempt->attempt == 1;
}

}  // namespace

Result<std::set<std::string>> bundled_jobs(const spool::Layout& layout) {
    const auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    std::set<std::string> jobs;
    for (const std::string& key : *keys) {
        const auto bundle = read_bundle_file(layout.bundle(key));
        if (!bundle && bundle.error().code == Errc::not_found) continue;
        if (!bundle) return bundle.error();
        for (const BundleMember& member : bundle->members) jobs.insert(member.job_key);
    }
    return jobs;
}

Result<bool> has_begun(const spool::Layout& layout, const std::string& job_key) {
    const Path folder = layout.work_directory(job_key);
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().filename().string();
        // The plan leaves first attempts and nothing else; whatever else there is was made on the way to a
        // provider.
        if (name.starts_with("shard-") && !is_prepared_first(name)) return true;
    }
    if (ec) return Error{ec, "read " + folder.string()};
    return false;
}

}  // namespace batchd::engine
