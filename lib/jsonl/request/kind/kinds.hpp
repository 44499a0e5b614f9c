#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "jsonl/request/file_kind.hpp"

/// The parts of text_kind(), each for what a head may be; nothing where it is none of that. A `text` begins
/// with its first byte that is no blank; `lines` are its first two that are not blank, trimmed. Private to
/// the library.
namespace batchd::jsonl {

/// Begins with "{": pretty-printed, several a line, not quite JSON, requests of others …
std::optional<FileKind> kind_of_objects(std::string_view text);
/// Begins with "[".
std::optional<FileKind> kind_of_array(std::string_view text);
/// JSON within JSON texts, or within the cells of a table of one column.
std::optional<FileKind> kind_of_wrapped_json(std::string_view text);
/// Requests with something before each, such as what grep or a log puts there.
std::optional<FileKind> kind_of_prefixed_objects(std::string_view text);
/// CSV and TSV.
std::optional<FileKind> kind_of_table(const std::vector<std::string_view>& lines);
/// What a program left in place of a file, or wrote for a program: conflicts and pointers of Git, diffs,
/// code.
std::optional<FileKind> kind_of_leftover(std::string_view text);

/// Where an object begins in `line`, outside of the quotes of CSV; npos where none does.
std::size_t object_at(std::string_view line);

}  // namespace batchd::jsonl
