#include "spool/published.hpp"

#include <map>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include "spool/layout.hpp"
#include "spool/own_folder.hpp"

namespace batchd::spool {
namespace {

namespace fs = std::filesystem;

// A job.json is a few kilobytes; the bound is for what somebody else may have put there.
constexpr std::size_t kSummaryMax = 16 * 1024 * 1024;

std::string_view without_space(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// Looks for the member "key" as text: a string with these quotes can't stand inside another JSON string
/// unescaped.
bool has_json_key(std::string_view json, std::string_view key) {
    static constexpr std::string_view kMember = "\"key\"";
    const std::string value = "\"" + std::string(key) + "\"";
    for (std::size_t at = json.find(kMember); at != std::string_view::npos; at = json.find(kMember, at + 1)) {
        const std::string_view colon = without_space(json.substr(at + kMember.size()));
        if (colon.starts_with(':') && without_space(colon.substr(1)).starts_with(value)) return true;
    }
    return false;
}

bool has_last_line(std::string_view text, std::string_view line) {
    const std::string_view trimmed = without_space(text);
    const std::size_t newline = trimmed.rfind('\n');
    return (newline == std::string_view::npos ? trimmed : trimmed.substr(newline + 1)) == line;
}

/// The file `name` of an open folder; nothing where it is a link, or somebody else's.
std::optional<std::string> read_own_file(const Path& folder, const UniqueFd& opened, const char* name) {
    // In an outbox that others may write to, a link or a pipe under this name must neither be followed nor
    // waited at.
    const UniqueFd file(::openat(opened.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const auto ours = is_our_owner(folder, status.st_uid);
    if (!ours || !*ours || static_cast<std::size_t>(status.st_size) > kSummaryMax) return std::nullopt;
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    if (!read_exactly_at(file.get(), content.data(), content.size(), 0)) return std::nullopt;
    return content;
}

}  // namespace

bool has_job_key(const Path& folder, std::string_view key) {
    const auto opened = open_own_folder(folder);
    if (!opened || !*opened) return false;
    if (const auto json = read_own_file(folder, **opened, "job.json"); json && has_json_key(*json, key))
        return true;
    // A rejected file has no job.json, and bears its key as the last line for people.
    const auto reason = read_own_file(folder, **opened, "reason.txt");
    return reason && has_last_line(*reason, "job key: " + std::string(key));
}

Result<std::optional<std::string>> find_published(const Path& parent, std::string_view name,
                                                  const std::function<bool(const Path&)>& is_it) {
    // All names first, then their contents: most folders of an outbox have other names, and are never
    // opened.
    std::map<std::uint64_t, std::string> folders;
    std::error_code ec;
    for (fs::directory_iterator it(parent, ec), end; !ec && it != end; it.increment(ec)) {
        std::string entry = it->path().filename().string();
        if (const auto number = published_number(name, entry)) folders.emplace(*number, std::move(entry));
    }
    if (ec && ec != std::errc::no_such_file_or_directory) return Error{ec, "read " + parent.string()};
    for (auto& [number, entry] : folders) {
        if (!is_it(parent / entry)) continue;
        // The crash may have come between the rename and its sync.
        if (auto synced = sync_directory(parent); !synced) return synced.error();
        return std::optional(std::move(entry));
    }
    return std::optional<std::string>();
}

Result<std::optional<std::string>> find_published(const Path& parent, std::string_view name,
                                                  std::string_view key) {
    return find_published(parent, name, [&](const Path& folder) { return has_job_key(folder, key); });
}

}  // namespace batchd::spool
