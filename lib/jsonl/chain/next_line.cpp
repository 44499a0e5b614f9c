#include "jsonl/chain/next_line.hpp"

#include <charconv>
#include <utility>

#include <simdjson.h>

#include "jsonl/chain/answer_text.hpp"

namespace batchd::jsonl {

namespace dom = simdjson::dom;

namespace {

/// The member or the element of this name; nothing where there is none.
std::optional<dom::element> step_into(const dom::element& from, const std::string& name) {
    dom::element found;
    dom::array list;
    if (from.get(list) != simdjson::SUCCESS)
        return from[name].get(found) == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
    std::size_t position = 0;
    const char* const end = name.data() + name.size();
    // A list has elements by their place, from 0, and no names.
    if (const auto [last, ec] = std::from_chars(name.data(), end, position); ec != std::errc{} || last != end)
        return std::nullopt;
    return list.at(position).get(found) == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
}

/// Texts as they are, anything else as JSON.
std::string text_of(const dom::element& value) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::minify(value);
}

/// `path` leads into a line; one without "body" is the body itself.
std::optional<std::string> find(const dom::element& line, const std::vector<std::string>& path) {
    std::optional<dom::element> at = line;
    for (std::size_t i = 0; i < path.size() && at; ++i) {
        const auto next = step_into(*at, path[i]);
        // So that one template fits both forms in which a request may have been dropped.
        if (!next && i == 0 && path[i] == "body") continue;
        at = next;
    }
    return at ? std::optional(text_of(*at)) : std::nullopt;
}

}  // namespace

struct NextLine::Impl {
    explicit Impl(LineTemplate given) : line_template(std::move(given)) {}

    std::optional<std::string> look_up(const Hole& hole) {
        if (hole.of == Hole::Of::custom_id) return id;
        if (hole.of == Hole::Of::answer) return text;
        auto found = request_is_read ? find(request, hole.path) : std::nullopt;
        const bool is_id = hole.path.size() == 1 && hole.path[0] == "custom_id";
        return found || !is_id ? found : id;  // a line without an id has got one
    }

    LineTemplate line_template;
    // Two of them, for a parser's elements are gone with the next text that it reads.
    dom::parser answer_parser, request_parser;
    dom::element request;
    bool request_is_read = false;
    std::optional<std::string> id, text;
};

NextLine::NextLine(LineTemplate line_template) : impl_(std::make_unique<Impl>(std::move(line_template))) {}
NextLine::NextLine(NextLine&&) noexcept = default;
NextLine::~NextLine() = default;

Result<std::string> NextLine::of(std::string_view answer, std::string_view request) {
    Impl& my = *impl_;
    dom::element row, body;
    std::string_view id;
    // Nothing of the line before may get into this one.
    my.id.reset();
    my.text.reset();
    if (my.answer_parser.parse(answer.data(), answer.size()).get(row) != simdjson::SUCCESS ||
        row["custom_id"].get(id) != simdjson::SUCCESS ||
        row.at_pointer("/response/body").get(body) != simdjson::SUCCESS)
        // Without an answer there is no next step: an event says so, and the others go on.
        return error(Errc::not_found, "the answer can't be read");
    my.id = id;
    my.text = answer_text(body);
    my.request_is_read =
        my.request_parser.parse(request.data(), request.size()).get(my.request) == simdjson::SUCCESS;
    return my.line_template.fill([&](const Hole& hole) { return my.look_up(hole); });
}

}  // namespace batchd::jsonl
