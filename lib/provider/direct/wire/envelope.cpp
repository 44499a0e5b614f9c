#include "provider/direct/wire/envelope.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "jsonl/quote.hpp"

namespace batchd::provider::direct {
namespace {

constexpr std::size_t kForeignTextMax = 2048;

std::string beginning(const LineHead& head) {
    std::string line;
    line.append("{\"id\":\"batchd_req_").append(head.tag).append("_").append(std::to_string(head.row));
    line.append("\",\"custom_id\":").append(head.custom_id_json);
    return line;
}

/// No line end stands inside a JSON string, so none of them means anything.
void append_in_one_line(std::string& line, std::string_view json) {
    const std::size_t begin = line.size();
    line.append(json);
    const auto is_line_end = [](char c) { return c == '\n' || c == '\r'; };
    std::replace_if(line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(), is_line_end, ' ');
}

std::string not_json(std::string_view body) {
    const std::string text = printable(body.substr(0, kForeignTextMax));
    return "{\"error\":{\"message\":" + jsonl::json_string(text) +
           ",\"type\":\"not_json\",\"param\":null,\"code\":null}}";
}

}  // namespace

std::string answer_line(const LineHead& head, unsigned status, std::string_view request_id,
                        std::string_view body, bool is_json) {
    std::string line = beginning(head);
    // An answer may have megabytes, and is copied once.
    line.reserve(line.size() + body.size() + 160);
    line.append(",\"response\":{\"status_code\":").append(std::to_string(status));
    line.append(",\"request_id\":").append(jsonl::json_string(printable(request_id))).append(",\"body\":");
    if (is_json) {
        append_in_one_line(line, body);
    } else {
        line.append(not_json(body));
    }
    line.append("},\"error\":null}");
    return line;
}

std::string no_answer_line(const LineHead& head, std::string_view code, std::string_view message) {
    std::string line = beginning(head);
    line.append(",\"response\":null,\"error\":{\"code\":").append(jsonl::json_string(printable(code)));
    line.append(",\"message\":").append(jsonl::json_string(printable(message))).append("}}");
    return line;
}

}  // namespace batchd::provider::direct
