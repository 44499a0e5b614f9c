#pragma once

#include <optional>
#include <string>

#include <simdjson.h>

/// Private to the library, for it shows simdjson.
namespace batchd::jsonl {

/// The text of an answer, by the body of its response: of a chat completion, a completion, a response, a
/// message of Anthropic or a candidate of Gemini. Nothing where it has none, as an embedding. Of several
/// choices it is the first one's. Source: the providers' API references, as of 2026-11.
std::optional<std::string> answer_text(const simdjson::dom::element& body);

}  // namespace batchd::jsonl
