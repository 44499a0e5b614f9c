#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonl/rows/format/read_ahead.hpp"
#include "jsonl/rows/format/row_format.hpp"

namespace batchd::jsonl {

/// Makes the texts of rows of the files that their bytes stand in, and holds these against their checksums.
class RowTexts {
public:
    /// `path` and `tables` are those of the row file. The files are opened with the first row of each.
    RowTexts(const Path& path, const row_format::Tables& tables, std::size_t buffer_bytes);

    /// Without its LF; valid until the next call. Errors: errno; corrupt; changed when the bytes are no
    /// longer those that the row was made of, with the file and the line.
    Result<std::string_view> of(const row_format::Entry& entry);
    /// The id of a row as it stands there now, a JSON string perhaps; nothing where it can't be
    /// read. It is held against nothing.
    std::optional<std::string> id_json(const row_format::Entry& entry);
    /// Gives back the memory of a long row; its text must not be used any more.
    void release();

private:
    /// What the index points at, held against the checksum.
    Result<std::string_view> bytes_of(const row_format::Entry& entry);
    /// The id of a row without a form, where its text begins as that of a request does.
    std::optional<std::string> id_of_text(const row_format::Entry& entry);
    /// The text of a row with a form, in `made_`.
    std::string_view made(const row_format::Entry& entry, std::string_view bytes);

    const row_format::Tables& tables_;
    std::size_t buffer_bytes_;
    std::vector<ReadAhead> files_;  // the first is the row file's own
    std::string made_;
};

}  // namespace batchd::jsonl
