#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {

struct Text {
    std::uint64_t line;
    std::string text;
    bool operator==(const Text&) const = default;
};

inline Path write_rows(const Path& path, const std::vector<Text>& rows) {
    auto writer = RowFileWriter::create(path, 16);
    for (const Text& row : rows) EXPECT_TRUE(writer->append(row.line, digest128(row.text), row.text));
    EXPECT_TRUE(writer->commit());
    return path;
}

inline Result<std::vector<Text>> read_rows(const Path& path, std::size_t buffer_bytes = 4096) {
    auto reader = RowFileReader::open(path, buffer_bytes);
    if (!reader) return reader.error();
    std::vector<Text> rows;
    for (Row row;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return rows;
        rows.push_back({row.line_number, std::string(row.text)});
    }
}

}  // namespace batchd::jsonl
