#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Files that are no JSON lines as a whole: told apart by their first bytes. Pure.
namespace batchd::jsonl {

/// What a file is instead, and what to do about it. Both are printable.
struct FileKind {
    std::string kind;    ///< "a JSON array"
    std::string remedy;  ///< "one request a line is needed: jq -c '.[]' FILE"
    bool operator==(const FileKind&) const = default;
};

/// "it is a JSON array; one request a line is needed: jq -c '.[]' FILE"
std::string sentence(const FileKind& kind);

/// How many of a file's first bytes the two below look at, at most.
inline constexpr std::size_t kHeadBytes = 64 * 1024;

/// What can't be text in UTF-8: archives, compressed and binary files, UTF-16, UTF-32, nothing but NULs. No
/// line of such a file can be a request.
std::optional<FileKind> unreadable_kind(std::string_view head);

/// Text in another form than one JSON object a line: arrays, pretty-printed JSON, CSV, Python, YAML, pages of
/// the web … Lines of such a file may be requests all the same: to be asked where most are not.
std::optional<FileKind> text_kind(std::string_view head);

}  // namespace batchd::jsonl
