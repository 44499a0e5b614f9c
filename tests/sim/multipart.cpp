#include "sim/multipart.hpp"

#include <string.h>  // memmem

#include "sim/header_params.hpp"

namespace batchd::sim {
namespace {

constexpr std::size_t kHeadBytesMax = 16 * 1024;

std::size_t find_in(std::string_view text, std::string_view what) {
    // Twenty times as fast as string_view::find for a body without the delimiter.
    const void* const at = memmem(text.data(), text.size(), what.data(), what.size());
    return at == nullptr ? std::string_view::npos
                         : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

Result<void> read_disposition(PartHead& head, std::string_view value) {
    auto disposition = parse_header_value(value);
    if (!disposition || disposition->value != "form-data")
        return error(Errc::bad_input, "a part's Content-Disposition must be form-data");
    const auto name = disposition->params.find("name");
    if (name == disposition->params.end()) return error(Errc::bad_input, "a part has no name");
    head.name = name->second;
    if (auto plain = disposition->params.find("filename"); plain != disposition->params.end())
        head.filename = plain->second;
    if (auto extended = disposition->params.find("filename*"); extended != disposition->params.end()) {
        auto decoded = decode_extended(extended->second);
        if (!decoded) return error(Errc::bad_input, "a part's filename* is broken");
        head.filename = std::move(*decoded);
    }
    return {};
}

/// `lines`: header lines, each ended by CR LF.
Result<PartHead> parse_head(std::string_view lines) {
    PartHead head;
    bool disposed = false;
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0)
            return error(Errc::bad_input, "a part has a header line without a colon");
        const std::string name = to_lower(line.substr(0, colon));
        const std::string_view value = line.substr(colon + 1);
        if (name == "content-type")
            head.content_type = parse_header_value(value).value_or(HeaderValue{}).value;
        if (name != "content-disposition") continue;
        if (auto read = read_disposition(head, value); !read) return read.error();
        disposed = true;
    }
    if (!disposed) return error(Errc::bad_input, "a part has no Content-Disposition");
    return head;
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, PartSink& sink)
    : delimiter_("\r\n--" + std::string(boundary)), sink_(sink), buffer_("\r\n") {
    // The CR LF in front: a body may begin with the delimiter, which otherwise follows a line end.
}

Result<void> MultipartParser::feed(std::string_view bytes) {
    if (complete()) return {};  // an epilogue is to be ignored
    buffer_ += bytes;
    for (;;) {
        auto done = step();
        if (!done) return done.error();
        if (*done == Step::need_more) break;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    return {};
}

Result<MultipartParser::Step> MultipartParser::step() {
    switch (state_) {
        case State::preamble:
        case State::data:
            return step_until_delimiter();
        case State::after_delimiter:
            return step_after_delimiter();
        case State::head:
            return step_head();
        case State::epilogue:
            begin_ = buffer_.size();
            return Step::need_more;
    }
    return Step::need_more;
}

Result<MultipartParser::Step> MultipartParser::step_until_delimiter() {
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    const std::size_t found = find_in(rest, delimiter_);
    std::size_t plain = found;
    if (found == std::string_view::npos)  // the last bytes may be the beginning of the delimiter
        plain = rest.size() < delimiter_.size() ? 0 : rest.size() - delimiter_.size() + 1;
    if (state_ == State::data && plain > 0)
        if (auto taken = sink_.part_data(rest.substr(0, plain)); !taken) return taken.error();
    begin_ += plain;
    if (found == std::string_view::npos) return Step::need_more;
    begin_ += delimiter_.size();
    if (state_ == State::data)
        if (auto ended = sink_.part_ends(); !ended) return ended.error();
    state_ = State::after_delimiter;
    return Step::again;
}

Result<MultipartParser::Step> MultipartParser::step_after_delimiter() {
    std::string_view rest = std::string_view(buffer_).substr(begin_);
    if (rest.size() >= 2 && rest.substr(0, 2) == "--") {
        state_ = State::epilogue;
        return Step::again;
    }
    const auto padding = rest.find_first_not_of(" \t");
    if (padding == std::string_view::npos || rest.size() < padding + 2) {
        if (rest.size() > kHeadBytesMax) return error(Errc::bad_input, "a boundary line is too long");
        return Step::need_more;
    }
    if (rest.substr(padding, 2) != "\r\n")
        return error(Errc::bad_input, "a boundary line does not end after it");
    begin_ += padding;  // the CR LF stays: an empty head then looks like any other
    state_ = State::head;
    return Step::again;
}

Result<MultipartParser::Step> MultipartParser::step_head() {
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    const auto end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (rest.size() > kHeadBytesMax) return error(Errc::bad_input, "the head of a part is too long");
        return Step::need_more;
    }
    auto head = parse_head(end == 0 ? std::string_view() : rest.substr(2, end));
    if (!head) return head.error();
    if (auto begun = sink_.part_begins(std::move(*head)); !begun) return begun.error();
    begin_ += end + 4;
    state_ = State::data;
    return Step::again;
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
    const auto header = parse_header_value(content_type);
    if (!header || header->value != "multipart/form-data") return std::nullopt;
    const auto boundary = header->params.find("boundary");
    if (boundary == header->params.end() || boundary->second.empty() || boundary->second.size() > 70)
        return std::nullopt;
    return boundary->second;
}

}  // namespace batchd::sim
