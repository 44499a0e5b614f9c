#include "http/content/partial_body.hpp"

#include <charconv>

namespace batchd::http {
namespace {

bool is_strong(std::string_view etag) {
    // A weak one, W/"…", says that two files mean the same, and not that their bytes are the same. Source:
    // RFC 9110, 8.8.1.
    return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
}

bool take_text(std::string_view& text, std::string_view wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(wanted.size());
    return true;
}

bool take_number(std::string_view& text, std::uint64_t& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    return true;
}

struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t total = 0;
};

/// "bytes 100-199/200"; nothing for any other form, an unknown total among them.
std::optional<ContentRange> parse_content_range(std::string_view text) {
    ContentRange range;
    const bool is_whole = take_text(text, "bytes ") && take_number(text, range.first) &&
                          take_text(text, "-") && take_number(text, range.last) && take_text(text, "/") &&
                          take_number(text, range.total) && text.empty();
    return is_whole ? std::optional(range) : std::nullopt;
}

}  // namespace

PartialBody::PartialBody(const Response& first, std::optional<std::uint64_t> announced) : total_(announced) {
    if (const auto etag = first.header("etag"); is_strong(etag)) etag_ = std::string(etag);
}

std::vector<Header> PartialBody::headers_after(std::uint64_t have) const {
    std::vector<Header> headers;
    headers.push_back({"Range", "bytes=" + std::to_string(have) + "-"});
    if (!etag_.empty()) headers.push_back({"If-Range", etag_});
    return headers;
}

bool PartialBody::goes_on(const Response& answer, std::uint64_t have) {
    const auto range = parse_content_range(answer.header("content-range"));
    if (!range || range->first != have || range->last + 1 != range->total) return false;
    if (total_ && range->total != *total_) return false;
    if (!etag_.empty() && answer.header("etag") != etag_) return false;
    // Known from now on, also where the first answer had no length.
    total_ = range->total;
    return true;
}

}  // namespace batchd::http
