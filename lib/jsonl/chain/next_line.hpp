#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "jsonl/chain/line_template.hpp"

namespace batchd::jsonl {

/// Makes of an answer and its request the request of the next step.
class NextLine {
public:
    explicit NextLine(LineTemplate line_template);
    NextLine(NextLine&&) noexcept;
    ~NextLine();

    /// `answer` is a line of output.jsonl, `request` the line of input.jsonl that it answers; the result has
    /// no LF. Errors: not_found, which names what is not there, such as a text in the answer.
    Result<std::string> of(std::string_view answer, std::string_view request);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::jsonl
