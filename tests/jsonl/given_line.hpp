#pragma once

#include <string>
#include <string_view>

#include "jsonl/line_reader.hpp"

namespace batchd::jsonl {

/// A line as a LineReader hands it out, with something behind it.
class GivenLine {
public:
    explicit GivenLine(std::string_view text, std::uint64_t number = 7) : bytes_(text) {
        bytes_.append(64, '}');
        line_ = {std::string_view(bytes_).substr(0, text.size()), number, 0, text.size(), false};
    }
    GivenLine(const GivenLine&) = delete;
    GivenLine& operator=(const GivenLine&) = delete;
    const Line& line() const { return line_; }

private:
    std::string bytes_;
    Line line_;
};

}  // namespace batchd::jsonl
