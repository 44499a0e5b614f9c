#include "jsonl/request/request_cut.hpp"

#include <optional>

namespace batchd::jsonl {
namespace {

/// Where `part` begins in `line`; nothing where it is not a part of it.
std::optional<std::uint32_t> place_in(std::string_view line, std::string_view part) {
    const std::less_equal<const char*> not_behind;  // pointers into different texts have an order only here
    if (!not_behind(line.data(), part.data()) ||
        !not_behind(part.data() + part.size(), line.data() + line.size()))
        return std::nullopt;
    return static_cast<std::uint32_t>(part.data() - line.data());
}

bool cut_id(const Request& request, const Line& line, RequestCut& cut) {
    if (const auto at = place_in(line.text, request.custom_id_json)) {
        cut.id_at = *at;
        cut.id_bytes = static_cast<std::uint32_t>(request.custom_id_json.size());
        return true;
    }
    cut.id_at = cut.id_bytes = 0;
    // One that we made of the line's number can be made again, and need not be kept.
    return request.custom_id_json == made_id(line.number);
}

}  // namespace

bool made_of(const Request& request, const Line& line, MadeOf& made) {
    // Places are kept in 32 bits, for there may be millions of them.
    if (request.body.empty() || line.text.size() > UINT32_MAX) return false;
    const std::string_view body = request.body.back();
    const auto at = place_in(line.text, body);
    // A CR between tokens is sent as a blank.
    if (!at || body.find('\r') != std::string_view::npos) return false;
    if (!cut_id(request, line, made.cut)) return false;
    made.cut.body_at = *at;
    made.cut.body_bytes = static_cast<std::uint32_t>(body.size());
    made.form.before_id = kPreparedStart;
    made.form.before_body.assign(kPreparedUrl).append(request.url_json).append(kPreparedBody);
    for (const std::string_view piece : request.body.first(request.body.size() - 1)) {
        // What stands around it must be the same for many lines, or the forms would be a copy of the text.
        if (piece.find('\r') != std::string_view::npos) return false;
        made.form.before_body += piece;
    }
    made.form.after_body = kPreparedEnd;
    return true;
}

}  // namespace batchd::jsonl
