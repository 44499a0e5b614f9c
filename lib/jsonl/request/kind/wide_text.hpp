#pragma once

#include <optional>
#include <string_view>

#include "jsonl/request/file_kind.hpp"

/// Text in UTF-16 and UTF-32, told by the NULs of its ASCII characters. Private to the library.
namespace batchd::jsonl {

/// A head that is in one of them from its first byte on, without a byte order mark.
std::optional<FileKind> unmarked_wide_kind(std::string_view head);

/// A head that begins with an object in UTF-8 and goes on in UTF-16.
std::optional<FileKind> partly_wide_kind(std::string_view head);

}  // namespace batchd::jsonl
