#include "hooks/cursor.hpp"

#include <charconv>

#include <sys/stat.h>

namespace batchd::hooks {
namespace {

// Two numbers and a line's end; a key, a time and another.
constexpr std::size_t kCursorMax = 256;

/// The second line.
std::optional<Cursor> parse_place(std::string_view line, Cursor cursor) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || !line.ends_with('\n')) return std::nullopt;
    cursor.key = line.substr(0, space);
    cursor.at = parse_utc_text(line.substr(space + 1, line.size() - space - 2));
    return cursor.at ? std::optional(std::move(cursor)) : std::nullopt;
}

std::optional<Cursor> parse(const std::string& text) {
    Cursor cursor;
    const char* const end = text.data() + text.size();
    const auto [space, after_error] = std::from_chars(text.data(), end, cursor.after);
    if (after_error != std::errc{} || space == end || *space != ' ') return std::nullopt;
    const auto [line, failed_error] = std::from_chars(space + 1, end, cursor.failed);
    if (failed_error != std::errc{} || line == end || *line != '\n') return std::nullopt;
    if (line + 1 == end) return cursor;
    return parse_place(std::string_view(line + 1, end), std::move(cursor));
}

/// When the file was written, in whole seconds.
Result<TimePoint> written_at(const Path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return system_failure("stat " + file.string());
    return TimePoint(std::chrono::seconds(status.st_mtim.tv_sec));
}

}  // namespace

Result<std::optional<Cursor>> load_cursor(const Path& file) {
    const auto there = file_exists(file);
    if (!there) return there.error();
    // No file is a command that is new, and not one that is at the beginning: old notices are not for it.
    if (!*there) return std::optional<Cursor>();
    const auto text = read_file(file, kCursorMax);
    if (!text) return text.error();
    auto cursor = parse(*text);
    if (!cursor)
        return error(Errc::corrupt, file.string() +
                                        " is not what batchd hooks wrote; remove it, and the "
                                        "command begins with what is new");
    if (cursor->at) return cursor;
    const auto written = written_at(file);
    if (!written) return written.error();
    cursor->at = *written;
    return cursor;
}

Result<void> save_cursor(const Path& file, const Cursor& cursor) {
    std::string text = std::to_string(cursor.after) + " " + std::to_string(cursor.failed) + "\n";
    if (!cursor.key.empty() && cursor.at) text += cursor.key + " " + to_utc_text(*cursor.at) + "\n";
    return replace_file(file, text);
}

}  // namespace batchd::hooks
