#include "support/rows.hpp"

#include <sstream>

#include "jsonl/rows/row_file.hpp"

namespace batchd::testing {

std::string texts_of(const Path& rows) {
    if (!jsonl::row_file_exists(rows).value()) return "";
    auto reader = jsonl::RowFileReader::open(rows).value();
    std::string texts;
    for (jsonl::Row row; reader.next(row).value();) texts.append(row.text).append("\n");
    return texts;
}

std::string eight_bytes(std::uint64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFFU);
    return bytes;
}

Path write_rows(const Path& path, std::string_view text) {
    auto writer = jsonl::RowFileWriter::create(path).value();
    std::istringstream lines{std::string(text)};
    std::uint64_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        writer.append(number, digest128(std::to_string(number)), line).value();
    }
    writer.commit().value();
    return path;
}

}  // namespace batchd::testing
