#include "engine/work_directory.hpp"

#include <set>

#include <boost/system/errc.hpp>

#include "base/disk/file.hpp"

namespace batchd::engine {

namespace errc = boost::system::errc;
namespace fs = std::filesystem;

Result<std::vector<std::string>> names_in(const Path& folder) {
    std::vector<std::string> names;
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
        names.push_back(it->path().filename().string());
    if (ec && ec != std::errc::no_such_file_or_directory) return Error{ec, "read " + folder.string()};
    return names;
}

std::optional<spool::ShardAttempt> attempt_of_lines(std::string_view name) {
    constexpr std::string_view kIndex = ".rows";
    if (name.ends_with(kIndex)) name.remove_suffix(kIndex.size());
    return spool::parse_prepared_name(name);
}

Result<std::vector<std::string>> keys_in_work(const spool::Layout& layout) {
    auto names = names_in(layout.work_root());
    if (names) std::erase_if(*names, [](const std::string& name) { return !spool::is_job_key(name); });
    return names;
}

Result<void> remove_work_directory(const spool::Layout& layout, std::string_view job_key) {
    auto done = remove_tree(layout.work_directory(job_key));
    if (done) done = sync_directory(layout.work_root());
    const bool there_is_none = !done && (done.error().code == errc::no_such_file_or_directory ||
                                         done.error().code == errc::not_a_directory);
    return there_is_none ? Result<void>() : done;
}

Result<void> remove_unread(const spool::Layout& layout, std::string_view job_key) {
    const auto names = names_in(layout.work_directory(job_key));
    if (!names) return names.error();
    const Path input = layout.input(job_key).filename();
    const std::set<std::string> unread{layout.name_link(job_key).filename(),
                                       layout.origin_link(job_key).filename(),
                                       layout.aside_note(job_key).filename(), input, input.string() + ".tmp"};
    for (const std::string& name : *names)
        if (!unread.contains(name)) return {};
    return remove_work_directory(layout, job_key);
}

Result<bool> holds_job(const spool::Layout& layout, std::string_view job_key) {
    for (const Path& path : {layout.input(job_key), layout.plan(job_key), layout.reason(job_key)}) {
        const auto there = file_exists(path);
        if (!there || *there) return there;
    }
    return false;
}

std::string missing_in_work(const Path& path) {
    return path.string() + " is missing: somebody removed it, and what it held can't be delivered";
}

}  // namespace batchd::engine
