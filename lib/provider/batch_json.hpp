#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "provider/provider.hpp"

/// The provider's JSON, read with distrust: unknown keys are passed over, a key of the wrong type counts as
/// absent, and null and "" as well. Nothing is what cannot be read as JSON at all, is nested deeper than 32,
/// or lacks what it is known by.
namespace batchd::provider {

/// Needs an `id`.
std::optional<FileObject> parse_file(std::string_view json);
/// Needs an `id` and a `status`.
std::optional<BatchObject> parse_batch(std::string_view json);

/// A listing, `{"data": […], "has_more": …}` or a bare array. Entries that can't be read are left out.
std::optional<Page<FileObject>> parse_file_page(std::string_view json);
std::optional<Page<BatchObject>> parse_batch_page(std::string_view json);

/// `deleted` of the answer to a DELETE; nothing when it does not say.
std::optional<bool> parse_deletion(std::string_view json);

/// The provider's account of a failure.
struct ErrorEnvelope {
    std::string code;
    std::string type;
    std::string param;
    std::string message;
};

/// `{"error": {…}}`, `{"error": "text"}`, `{"detail": …}` or `{"message": …}`; nothing when it is no JSON
/// object.
std::optional<ErrorEnvelope> parse_error(std::string_view json);

/// The body of POST /batches.
std::string to_json(const NewBatch& batch);

/// Unix seconds as a number or in digits, or ISO 8601; nothing for anything else, 1970-01-01T00:00:00Z
/// and before, and the years beyond 9999.
std::optional<TimePoint> parse_time_text(std::string_view text);

}  // namespace batchd::provider
