#include "report/job_path.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "config/effective.hpp"

namespace batchd::report {
namespace {

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    for (const Path& part : Path(path).lexically_normal())
        if (!part.empty() && part != "/") parts.push_back(part.string());
    return parts;
}

enum class Root { none, alike, exact };

/// Whether the first `count` parts lead to one of the folders of [spool]. They may be reached through a link,
/// and then only the last part is the same.
Root root_at(const std::vector<std::string>& parts, std::size_t count, bool is_absolute,
             const config::Spool& spool) {
    Root found = Root::none;
    for (const Path& folder : {spool.inbox, spool.outbox, spool.rejected}) {
        const auto whole = parts_of(folder.string());
        if (count == 0 || whole.empty() || parts[count - 1] != whole.back()) continue;
        const auto end = parts.begin() + static_cast<std::ptrdiff_t>(count);
        // What is pasted without its beginning is as good: it was typed where the beginning is plain.
        if (!is_absolute || std::equal(parts.begin(), end, whole.begin(), whole.end())) return Root::exact;
        found = Root::alike;
    }
    return found;
}

JobPath::Queue certainty_of(Root root) {
    return root == Root::exact ? JobPath::Queue::meant : JobPath::Queue::likely;
}

}  // namespace

std::optional<JobPath> parse_job_path(const std::string& path, const config::Settings& settings) {
    constexpr std::string_view kEnding = ".jsonl";
    const auto parts = parts_of(path);
    const std::size_t count = parts.size();
    // One word is a name, and says nothing of a queue.
    if (count < 2) return std::nullopt;
    const bool is_absolute = path.starts_with('/');
    const bool is_short = count == 2 && !is_absolute && !path.starts_with('.');
    const std::string &folder = parts[count - 2], &name = parts[count - 1];
    if (is_short && config::has_queue(settings, folder))
        return JobPath{folder, name, JobPath::Queue::meant, true};
    if (const Root root = root_at(parts, count - 2, is_absolute, settings.spool); root != Root::none)
        return JobPath{folder, name, certainty_of(root)};
    if (const Root root = root_at(parts, count - 1, is_absolute, settings.spool); root != Root::none)
        return JobPath{std::string(config::kDefaultQueue), name, certainty_of(root)};
    if (!is_short) return std::nullopt;
    // A file in a folder of one's own reads like the file of a queue that the configuration no longer has.
    const bool is_file = name.ends_with(kEnding);
    return JobPath{folder, name, is_file ? JobPath::Queue::likely : JobPath::Queue::meant, true};
}

}  // namespace batchd::report
