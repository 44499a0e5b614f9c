#include "jsonl/chain/answer_text.hpp"

#include <array>
#include <string_view>

namespace batchd::jsonl {

namespace dom = simdjson::dom;

namespace {

/// A text, or the texts of a list of parts: {"type": "text", "text": "…"}.
std::optional<std::string> text_or_parts(const dom::element& content) {
    std::string_view text;
    if (content.get(text) == simdjson::SUCCESS) return std::string(text);
    dom::array parts;
    if (content.get(parts) != simdjson::SUCCESS) return std::nullopt;
    std::optional<std::string> all;
    for (const dom::element part : parts)
        if (part["text"].get(text) == simdjson::SUCCESS) (all ? *all : all.emplace()) += text;
    return all;
}

/// Of the items of a response, those that are messages.
std::optional<std::string> text_of_output(const dom::element& body) {
    dom::array items;
    if (body["output"].get(items) != simdjson::SUCCESS) return std::nullopt;
    std::optional<std::string> all;
    for (const dom::element item : items) {
        dom::element content;
        std::string_view type;
        const bool is_message = item["type"].get(type) != simdjson::SUCCESS || type == "message";
        if (!is_message || item["content"].get(content) != simdjson::SUCCESS) continue;
        // A response may have several messages with calls of tools between them; together they are the
        // answer.
        if (const auto text = text_or_parts(content)) (all ? *all : all.emplace()) += *text;
    }
    return all;
}

}  // namespace

std::optional<std::string> answer_text(const dom::element& body) {
    // Of chat completions, of completions, of Anthropic's messages and of Gemini's candidates. The first of
    // several choices is the answer.
    constexpr std::array<const char*, 4> kPlaces{"/choices/0/message/content", "/choices/0/text", "/content",
                                                 "/candidates/0/content/parts"};
    // First, for a response has no other place for its text.
    if (auto text = text_of_output(body)) return text;
    for (const char* const place : kPlaces) {
        dom::element found;
        if (body.at_pointer(place).get(found) != simdjson::SUCCESS) continue;
        if (auto text = text_or_parts(found)) return text;
    }
    return std::nullopt;
}

}  // namespace batchd::jsonl
