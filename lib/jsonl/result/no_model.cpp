#include "jsonl/result/no_model.hpp"

#include <algorithm>
#include <array>

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

}  // namespace

bool names_no_model(std::string_view code, std::string_view param) {
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
    return is_any_of(code, kCodes) || (is_any_of(param, kParams) && !is_any_of(code, kOfALine));
}

}  // namespace batchd::jsonl
