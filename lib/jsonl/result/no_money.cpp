#include "jsonl/result/no_money.hpp"

#include <array>

#include "base/text/letter_case.hpp"

namespace batchd::jsonl {

bool names_no_money(std::string_view code, std::string_view type) {
    static constexpr std::array<std::string_view, 4> kWords = {
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded"};
    return is_any_word(code, kWords) || is_any_word(type, kWords);
}

bool says_no_money(std::string_view code, std::string_view type, std::string_view message) {
    if (names_no_money(code, type)) return true;
    // Gemini words each of its limits of a minute as an exceeded quota, and says when it is over.
    static constexpr std::array<std::string_view, 3> kPasses = {"retry in ", "again in ", "retry after "};
    return says(message, "exceeded your current quota") && !says_any(message, kPasses);
}

}  // namespace batchd::jsonl
