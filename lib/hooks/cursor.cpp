#include "hooks/cursor.hpp"

#include <charconv>

namespace batchd::hooks {
namespace {

// Two numbers and a line's end.
constexpr std::size_t kCursorMax = 64;

std::optional<Cursor> parse(const std::string& text) {
    Cursor cursor;
    const char* const end = text.data() + text.size();
    const auto [space, after_error] = std::from_chars(text.data(), end, cursor.after);
    if (after_error != std::errc{} || space == end || *space != ' ') return std::nullopt;
    const auto [line, failed_error] = std::from_chars(space + 1, end, cursor.failed);
    if (failed_error != std::errc{} || line == end || *line != '\n') return std::nullopt;
    return cursor;
}

}  // namespace

Result<std::optional<Cursor>> load_cursor(const Path& file) {
    const auto there = file_exists(file);
    if (!there) return there.error();
    // No file is a command that is new, and not one that is at the beginning: old notices are not for it.
    if (!*there) return std::optional<Cursor>();
    const auto text = read_file(file, kCursorMax);
    if (!text) return text.error();
    const auto cursor = parse(*text);
    if (!cursor)
        return error(Errc::corrupt, file.string() +
                                        " is not what batchd hooks wrote; remove it, and the "
                                        "command begins with what is new");
    return cursor;
}

Result<void> save_cursor(const Path& file, const Cursor& cursor) {
    return replace_file(file, std::to_string(cursor.after) + " " + std::to_string(cursor.failed) + "\n");
}

}  // namespace batchd::hooks
