#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "provider/openai/json/json_scalar.hpp"
#include "provider/provider.hpp"

/// The provider's JSON where all of it is at hand: see ObjectReader. Nothing is what cannot be read as JSON
/// at all, is nested deeper than 32, or lacks what it is known by.
namespace batchd::provider {

std::optional<FileObject> parse_file(std::string_view json);
std::optional<BatchObject> parse_batch(std::string_view json);
std::optional<Page<FileObject>> parse_file_page(std::string_view json);
std::optional<Page<BatchObject>> parse_batch_page(std::string_view json);

/// `deleted` of the answer to a DELETE; nothing when it does not say.
std::optional<bool> parse_deletion(std::string_view json);

/// The provider's account of a failure. Each is "" where it is not there. Texts are cut (kUnsafeBytesMax),
/// and may hold anything: safe_text() is for what is shown.
struct ErrorEnvelope {
    std::string code;
    std::string type;
    std::string param;
    std::string message;
};

/// `{"error": {…}}`, `{"error": "text"}`, `{"detail": …}` or `{"message": …}`, with a code, a type or a
/// message; nothing when it is none of these.
std::optional<ErrorEnvelope> parse_error(std::string_view json);

/// The body of POST /batches. Without a completion window or metadata it has no such field.
std::string to_json(const NewBatch& batch);

}  // namespace batchd::provider
