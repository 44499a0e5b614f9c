#include "provider/validation/meaning.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text/letter_case.hpp"
#include "jsonl/result/no_model.hpp"

namespace batchd::provider {
namespace {

bool has_text(const ValidationError& error, std::string_view text) {
    return error.message.find(text) != std::string::npos;
}

}  // namespace

bool is_token_limit(const ValidationError& error) {
    return error.code == "token_limit_exceeded" || has_text(error, "Enqueued token limit") ||
           has_text(error, "number of enqueued tokens");
}

bool is_quota(const ValidationError& error) {
    // Source: https://platform.openai.com/docs/guides/error-codes; others have taken these words over.
    return error.code == "insufficient_quota" || error.code == "billing_hard_limit_reached" ||
           error.code == "billing_not_active";
}

bool is_servers_fault(const ValidationError& error) {
    // Codes of several services, in lower case; what has neither a code nor a text counts as well.
    static constexpr std::array<std::string_view, 10> kCodes = {
        "server_error", "internal_error", "internal_server_error", "internalservererror", "internal",
        "api_error",    "timeout",        "service_unavailable",   "overloaded",          "unknown_error"};
    return is_any_word(error.code, kCodes) || (error.code.empty() && error.message.empty()) ||
           (error.code.empty() && has_text(error, "nternal server error"));
}

bool is_about_all(const ValidationError& error) {
    // Of OpenAI, Azure and their likes. Without these a batch with a mistyped model would be halved sixteen
    // times.
    static constexpr std::array<std::string_view, 22> kCodes = {
        "model_not_found",      "invalid_model",          "model_not_supported",
        "unsupported_model",    "model_not_available",    "deployment_not_found",
        "deploymentnotfound",   "invalid_deployment",     "invalid_endpoint",
        "unsupported_endpoint", "endpoint_not_supported", "empty_file",
        "empty_batch",          "file_too_large",         "invalid_file",
        "invalid_file_format",  "file_not_found",         "invalid_input_file",
        "too_many_tasks",       "permission_denied",      "invalid_completion_window",
        "unauthorized"};
    static constexpr std::array<std::string_view, 6> kParams = {
        "model", "endpoint", "completion_window", "input_file_id", "file_id", "metadata"};
    return is_any_word(error.code, kCodes) || is_any_word(error.param, kParams) ||
           has_text(error, "input file") || has_text(error, "no such deployment") ||
           has_text(error, "Cannot find file");
}

bool is_lost_file(const ValidationError& error) {
    // Of a line it is about a file that the request names, which is the request's own fault.
    return !error.line && (error.param == "file_id" || is_word(error.code, "file_not_found") ||
                           has_text(error, "Cannot find file") || has_text(error, "nput file was not found"));
}

bool is_about_model(const ValidationError& error) {
    return jsonl::names_no_model(error.code, error.param, error.message) ||
           has_text(error, "not supported by the Batch API");
}

}  // namespace batchd::provider
