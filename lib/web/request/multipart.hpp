#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd::web {

/// Reads a multipart/form-data body in pieces of any size, in bounded memory: feed() a piece, then next()
/// until it wants more. Source: RFC 2046, 5.1.1; RFC 7578; WHATWG HTML, 4.10.21.8.
class MultipartReader {
public:
    enum class Event {
        need_more,  ///< feed() the next piece
        part,       ///< a part begins: name() and filename()
        data,       ///< data() of it, until the next call
        end         ///< the form is complete
    };

    explicit MultipartReader(std::string_view boundary) : delimiter_("\r\n--" + std::string(boundary)) {}

    /// What comes behind the last part is of no use to anybody, and is dropped, however much it is.
    void feed(std::string_view bytes) {
        if (state_ != State::epilogue) buffer_.append(bytes);
    }
    /// Errors: bad_input, where the body breaks the format.
    Result<Event> next();

    const std::string& name() const { return name_; }
    const std::string& filename() const { return filename_; }
    std::string_view data() const { return data_; }
    /// Bytes that are kept until more comes.
    std::size_t kept_bytes() const { return buffer_.size(); }

private:
    enum class State { preamble, data, after_delimiter, head, epilogue };

    /// As many bytes as can't be the beginning of a delimiter any more; what might be one stays in the
    /// buffer.
    Result<Event> read_data();
    /// Behind a delimiter is a line's end, or "--" after the last part.
    Result<Event> read_delimiter_end();
    /// A part's head as a whole, of which there is a greatest length: nothing that a client sends may grow
    /// without end.
    Result<Event> read_head();
    /// The bytes at the front are done with. data() is no view of them any more.
    void take(std::size_t bytes);

    std::string delimiter_;
    State state_ = State::preamble;
    std::string buffer_ = "\r\n";  // a body may begin with the delimiter, which else follows a line's end
    std::size_t given_ = 0;        // bytes at its front that data() is a view of
    std::string name_, filename_;
    std::string_view data_;
};

/// The boundary in a Content-Type; nothing where it is no multipart/form-data with a usable one.
std::optional<std::string> multipart_boundary(std::string_view content_type);

}  // namespace batchd::web
