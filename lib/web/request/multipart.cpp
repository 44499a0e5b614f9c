#include "web/request/multipart.hpp"

#include <utility>

#include "web/request/form.hpp"

namespace batchd::web {
namespace {

// A part's head is three short lines; what has none must not fill the memory while its end is looked for.
constexpr std::size_t kHeadBytesMax = 16 * 1024;

Error broken(const char* what) {
    return error(Errc::bad_input, what);
}

/// The value of `; name="value"`. Browsers write a quote in it as %22, and nothing else is escaped.
std::string parameter(std::string_view line, std::string_view name) {
    const std::string start = "; " + std::string(name) + "=\"";
    const auto at = line.find(start);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + start.size());
    const std::string_view value = line.substr(0, line.find('"'));
    return percent_decoded(value).value_or(std::string(value));
}

bool starts_with_word(std::string_view line, std::string_view word) {
    if (line.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if ((line[i] | 0x20) != (word[i] | 0x20)) return false;
    return true;
}

}  // namespace

void MultipartReader::take(std::size_t bytes) {
    buffer_.erase(0, bytes);
}

Result<MultipartReader::Event> MultipartReader::next() {
    // Only now, for data() was a view of these bytes until this call.
    take(std::exchange(given_, 0));
    for (;;) {
        Result<Event> event = Event::end;
        const State before = state_;
        if (state_ == State::epilogue) return Event::end;
        if (state_ == State::after_delimiter)
            event = read_delimiter_end();
        else if (state_ == State::head)
            event = read_head();
        else
            event = read_data();
        // What is between parts is no event.
        if (!event || *event != Event::need_more || state_ == before) return event;
    }
}

Result<MultipartReader::Event> MultipartReader::read_data() {
    const bool is_part = state_ == State::data;
    const auto found = buffer_.find(delimiter_);
    // The last bytes may be the beginning of the delimiter.
    std::size_t plain = buffer_.size() < delimiter_.size() ? 0 : buffer_.size() - delimiter_.size() + 1;
    // Up to the delimiter first, and at the next call the delimiter itself.
    if (found != std::string::npos) plain = found;
    // Given out as it comes: a file of gigabytes is never in memory as a whole.
    if (plain > 0 && is_part) {
        data_ = std::string_view(buffer_).substr(0, plain);
        given_ = plain;
        return Event::data;
    }
    take(plain);
    if (found == std::string::npos) return Event::need_more;
    take(delimiter_.size());
    state_ = State::after_delimiter;
    return Event::need_more;
}

Result<MultipartReader::Event> MultipartReader::read_delimiter_end() {
    if (buffer_.size() < 2) return Event::need_more;
    if (buffer_.starts_with("--")) {
        buffer_.clear();
        state_ = State::epilogue;
        return Event::end;
    }
    if (!buffer_.starts_with("\r\n")) return broken("a line with the boundary goes on behind it");
    state_ = State::head;  // the line's end stays: an empty head then looks like any other
    return Event::need_more;
}

Result<MultipartReader::Event> MultipartReader::read_head() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos)
        return buffer_.size() > kHeadBytesMax ? Result<Event>(broken("the head of a part is too long"))
                                              : Result<Event>(Event::need_more);
    name_.clear();
    filename_.clear();
    const std::string head = buffer_.substr(0, end + 2);
    for (std::size_t at = 2; at < head.size(); at = head.find("\r\n", at) + 2) {
        const std::string_view line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
        // Other headers of a part, such as its Content-Type, change nothing of what becomes of it.
        if (!starts_with_word(line, "content-disposition: form-data")) continue;
        name_ = parameter(line, "name");
        filename_ = parameter(line, "filename");
    }
    if (name_.empty()) return broken("a part of the form has no name");
    take(end + 4);
    state_ = State::data;
    return Event::part;
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
    constexpr std::string_view kParameter = "boundary=";
    if (!starts_with_word(content_type, "multipart/form-data")) return std::nullopt;
    const auto at = content_type.find(kParameter);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view boundary = content_type.substr(at + kParameter.size());
    boundary = boundary.substr(0, boundary.find(';'));
    if (boundary.size() > 1 && boundary.front() == '"' && boundary.back() == '"')
        boundary = boundary.substr(1, boundary.size() - 2);
    // The standard's own limit; searching for a longer one in each piece would be what somebody wants who
    // sends it. Source: RFC 2046, 5.1.1.
    if (boundary.empty() || boundary.size() > 70) return std::nullopt;
    return std::string(boundary);
}

}  // namespace batchd::web
