#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd::sim {

/// The head of one part of a form.
struct PartHead {
    std::string name;
    std::optional<std::string> filename;  ///< filename* goes before filename
    std::string content_type;             ///< without parameters, lower case
};

/// Receives what a MultipartParser finds; the views live as long as the call.
class PartSink {
public:
    virtual ~PartSink() = default;
    virtual Result<void> part_begins(PartHead head) = 0;
    virtual Result<void> part_data(std::string_view bytes) = 0;
    virtual Result<void> part_ends() = 0;
};

/// Reads a multipart/form-data body in pieces of any size; keeps no more than a piece and a head in memory.
/// Source: RFC 2046 section 5.1.1, RFC 7578, RFC 8187 for filename*.
class MultipartParser {
public:
    /// `sink` outlives the parser.
    MultipartParser(std::string_view boundary, PartSink& sink);

    /// Errors: bad_input, when the body breaks the format; what the sink returned.
    Result<void> feed(std::string_view bytes);
    /// True once the closing delimiter was read.
    bool complete() const { return state_ == State::epilogue; }

private:
    enum class State { preamble, data, after_delimiter, head, epilogue };
    enum class Step { again, need_more };

    Result<Step> step();
    Result<Step> step_until_delimiter();
    Result<Step> step_after_delimiter();
    Result<Step> step_head();

    std::string delimiter_;  ///< CR LF "--" boundary
    PartSink& sink_;
    State state_ = State::preamble;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< what stands before it in buffer_ has been handled
};

/// The boundary parameter of a Content-Type, or nothing when it is no multipart/form-data with a usable one.
std::optional<std::string> multipart_boundary(std::string_view content_type);

}  // namespace batchd::sim
