#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchd::jsonl {

/// How the texts of rows are made of lines that stand in another file: these, with the line's own id and body
/// between them.
struct RowForm {
    std::string before_id;
    std::string before_body;
    std::string after_body;

    friend bool operator==(const RowForm&, const RowForm&) = default;
};

/// Where id and body begin in the line, and how many bytes they have.
struct RequestCut {
    std::uint32_t id_at = 0;
    std::uint32_t id_bytes = 0;  ///< 0: the line has none, and gets one by its number, see made_id()
    std::uint32_t body_at = 0;
    std::uint32_t body_bytes = 0;
};

/// The id of a line without one, as a JSON string: "line-17".
std::string made_id(std::uint64_t line_number);

}  // namespace batchd::jsonl
