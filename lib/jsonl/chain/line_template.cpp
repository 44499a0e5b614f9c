#include "jsonl/chain/line_template.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>

#include "jsonl/quote.hpp"

namespace batchd::jsonl {

namespace json = boost::json;

namespace {

// Keys that only a whole line has, of any provider's format.
constexpr std::array<std::string_view, 7> kLineKeys{"body",   "params",    "request", "url",
                                                    "method", "custom_id", "key"};
constexpr std::string_view kIdHole = "{{custom_id}}";

std::string at_line(std::string_view text, std::size_t position) {
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n') + 1;
    return "in line " + std::to_string(line) + " of it, ";
}

Error wrong(std::string_view text, std::size_t position, const std::string& what) {
    return error(Errc::bad_input, at_line(text, std::min(position, text.size())) + what);
}

Result<json::object> read_object(std::string_view text) {
    json::stream_parser parser;
    json::error_code ec;
    const std::size_t read = parser.write_some(text.data(), text.size(), ec);
    const std::size_t end = text.find_first_not_of(" \t\r\n", read);
    if (!ec && end != std::string_view::npos)
        return wrong(text, end, "something stands behind the JSON value");
    if (!ec) parser.finish(ec);
    // With the place of the fault, for such a text is written by hand, over several lines.
    if (ec) return wrong(text, read, "it is not valid JSON: " + ec.message());
    const json::value value = parser.release();
    if (!value.is_object()) return wrong(text, 0, "it must be a JSON object, a request line or a body");
    return value.get_object();
}

/// "answer", "custom_id" or "input.…"; nothing for any other name.
std::optional<Hole> hole_of(std::string_view name) {
    if (name == "answer") return Hole{.of = Hole::Of::answer, .name = std::string(name)};
    if (name == "custom_id") return Hole{.of = Hole::Of::custom_id, .name = std::string(name)};
    if (!name.starts_with("input.")) return std::nullopt;
    Hole hole{.of = Hole::Of::input, .name = std::string(name)};
    for (std::size_t at = name.find('.'); at != std::string_view::npos;) {
        const std::size_t next = name.find('.', at + 1);
        hole.path.emplace_back(name.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
        // Two dots in a row, or one at the end, are a name that was not finished.
        if (hole.path.back().empty()) return std::nullopt;
        at = next;
    }
    return hole;
}

std::string_view without_spaces(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The text as a whole line, and each line with an id.
Result<std::string> as_line(std::string_view text) {
    const auto object = read_object(text);
    if (!object) return object.error();
    const bool is_line = std::any_of(kLineKeys.begin(), kLineKeys.end(),
                                     [&](std::string_view key) { return object->contains(key); });
    const std::string id = R"("custom_id":")" + std::string(kIdHole) + R"(",)";
    // A body alone becomes a line with the id of the request that was answered, so that a chain can be
    // followed by it.
    if (!is_line) return "{" + id + R"("body":)" + std::string(text) + "}";
    const json::value* given = object->if_contains("custom_id");
    // Gemini's word for it.
    if (given == nullptr) given = object->if_contains("key");
    const std::size_t brace = text.find('{') + 1;
    if (given == nullptr) return std::string(text.substr(0, brace)) + id + std::string(text.substr(brace));
    if (!given->is_string() || given->get_string().find(kIdHole) == std::string_view::npos)
        return wrong(text, text.find("custom_id") == std::string_view::npos ? 0 : text.find("custom_id"),
                     "the id must have {{custom_id}} in it: no two lines may have the same");
    return std::string(text);
}

}  // namespace

/// Walks a text that is known to be JSON.
class LineTemplate::Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<std::vector<Piece>> read() && {
        bool in_string = false;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (in_string && text_.substr(at_, 2) == "{{") {
                if (auto taken = take_hole(); !taken) return taken.error();
                continue;
            }
            if (in_string && c == '\\') current_ += text_[at_++];  // what is behind it is no quote
            if (c == '"') in_string = !in_string;
            if (in_string || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) current_ += text_[at_];
            ++at_;
        }
        // What stands behind the last hole, which may be nothing.
        pieces_.push_back({std::move(current_), std::nullopt});
        return std::move(pieces_);
    }

private:
    Result<void> take_hole() {
        const std::size_t end = text_.find("}}", at_), quote = text_.find('"', at_);
        if (end == std::string_view::npos || quote < end) {  // two braces of somebody's text
            current_ += text_.substr(at_, 2);
            at_ += 2;
            return {};
        }
        const std::string_view name = without_spaces(text_.substr(at_ + 2, end - at_ - 2));
        auto hole = hole_of(name);
        if (!hole)
            return wrong(text_, at_,
                         "there is no {{" + excerpt(name) +
                             "}}: it must be {{answer}}, {{custom_id}} or a place in the request, such as "
                             "{{input.body.messages.0.content}}");
        pieces_.push_back({std::exchange(current_, {}), std::move(hole)});
        at_ = end + 2;
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string current_;
    std::vector<Piece> pieces_;
};

Result<LineTemplate> LineTemplate::parse(std::string_view text) {
    const auto line = as_line(text);
    if (!line) return line.error();
    auto pieces = Reader(*line).read();
    if (!pieces) return pieces.error();
    LineTemplate made;
    made.pieces_ = std::move(*pieces);
    return made;
}

Result<std::string> LineTemplate::fill(const Lookup& lookup) const {
    std::string line;
    for (const Piece& piece : pieces_) {
        line += piece.text;
        if (!piece.hole) continue;
        const auto text = lookup(*piece.hole);
        if (!text) return error(Errc::not_found, "{{" + piece.hole->name + "}} is not there");
        // Escaped as JSON, and without the quotes: the hole stands within a string of the template.
        const std::string quoted = json_string(*text);
        line.append(quoted, 1, quoted.size() - 2);
    }
    return line;
}

}  // namespace batchd::jsonl
