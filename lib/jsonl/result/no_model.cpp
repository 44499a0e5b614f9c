#include "jsonl/result/no_model.hpp"

#include <algorithm>
#include <array>

#include "base/text/letter_case.hpp"

namespace batchd::jsonl {
namespace {

/// "The model `x` is not supported by the Batch API.", "Model x is not available to this account."
bool says_no_model(std::string_view message) {
    static constexpr std::array<std::string_view, 3> kOfBatches = {"model", "deployment", "endpoint"};
    static constexpr std::array<std::string_view, 8> kNotForBatches = {
        "not supported", "n't supported", "unsupported",   "not support",
        "n't support",   "not available", "n't available", "not enabled"};
    static constexpr std::array<std::string_view, 2> kNames = {"model", "deployment"};
    static constexpr std::array<std::string_view, 12> kNotThere = {
        "not exist",        "n't exist",          "not found",        "n't found",
        "no such model",    "no such deployment", "not available to", "not available for",
        "not available in", "not have access",    "n't have access",  "only supported in"};
    if (says(message, "batch") && says_any(message, kOfBatches) && says_any(message, kNotForBatches))
        return true;
    return says_any(message, kNames) && says_any(message, kNotThere);
}

}  // namespace

bool names_no_model(std::string_view code, std::string_view param, std::string_view message) {
    // Of OpenAI, Azure, Mistral and servers that are compatible with them; by hand, in small letters, for
    // there is no common list.
    static constexpr std::array<std::string_view, 11> kCodes = {
        "model_not_found",      "invalid_model",        "model_not_supported",   "unsupported_model",
        "model_not_available",  "deployment_not_found", "deploymentnotfound",    "invalid_deployment",
        "unsupported_endpoint", "invalid_endpoint",     "endpoint_not_supported"};
    static constexpr std::array<std::string_view, 3> kParams = {"model", "body.model", "endpoint"};
    // About one line, beside others of the same batch.
    static constexpr std::array<std::string_view, 2> kOfALine = {"mismatched_model",
                                                                 "missing_required_parameter"};
    if (is_any_word(code, kCodes)) return true;
    if (is_any_word(code, kOfALine)) return false;
    return is_any_word(param, kParams) || (param.empty() && says_no_model(message));
}

}  // namespace batchd::jsonl
