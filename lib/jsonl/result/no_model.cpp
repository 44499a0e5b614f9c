#include "jsonl/result/no_model.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/says.hpp"

namespace batchd::jsonl {
namespace {

template <std::size_t N>
bool is_any_of(std::string_view word, const std::array<std::string_view, N>& words) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::any_of(words.begin(), words.end(), [&](std::string_view known) {
        return std::equal(word.begin(), word.end(), known.begin(), known.end(),
                          [&](char a, char b) { return lower(a) == b; });
    });
}

bool says_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view one) { return says(text, one); });
}

/// "The model `x` is not supported by the Batch API.", "Model x is not available to this account."
bool says_no_model(std::string_view message) {
    if (says(message, "batch") && says_any_of(message, {"model", "deployment", "endpoint"}) &&
        says_any_of(message, {"not supported", "n't supported", "unsupported", "not support", "n't support",
                              "not available", "n't available", "not enabled"}))
        return true;
    return says_any_of(message, {"model", "deployment"}) &&
           says_any_of(message,
                       {"not exist", "n't exist", "not found", "n't found", "no such model",
                        "no such deployment", "not available to", "not available for", "not available in",
                        "not have access", "n't have access", "only supported in"});
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
    if (is_any_of(code, kCodes)) return true;
    if (is_any_of(code, kOfALine)) return false;
    return is_any_of(param, kParams) || (param.empty() && says_no_model(message));
}

}  // namespace batchd::jsonl
