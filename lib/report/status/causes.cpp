#include "report/status/causes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/log.hpp"

namespace batchd::report {
namespace {

constexpr std::string_view kLeftAlone = "left_alone";
constexpr std::string_view kActivity = "activity";

std::size_t rank(std::string_view kind) {
    // What only a person can end comes before what may pass by itself.
    static constexpr std::array kOrder{std::string_view("held"),
                                       std::string_view("no_key"),
                                       std::string_view("inbox_gone"),
                                       std::string_view("configuration"),
                                       std::string_view("provider_closed"),
                                       std::string_view("waiting")};
    if (kind == kLeftAlone) return kOrder.size() + 1;
    return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin());
}

/// What is left of a text without who was doing what: "upload: 401 invalid_api_key" and "the provider refuses
/// the key: 401 invalid_api_key" are one cause.
std::string_view core(std::string_view text) {
    const std::size_t colon = text.find(": ");
    return colon == std::string_view::npos ? text : text.substr(colon + 2);
}

}  // namespace

std::vector<store::Condition> in_order_of_need(std::vector<store::Condition> conditions) {
    // What a provider is doing is nothing that is waited for.
    std::erase_if(conditions, [](const auto& condition) { return condition.kind == kActivity; });
    // Stable, for they come with the oldest first, and of two of one kind the older one is the cause.
    std::stable_sort(conditions.begin(), conditions.end(),
                     [](const auto& a, const auto& b) { return rank(a.kind) < rank(b.kind); });
    std::vector<std::string> told;
    std::vector<store::Condition> once;
    for (store::Condition& condition : conditions) {
        const std::string cause(core(condition.text));
        // What was told at more length was told.
        const bool is_new = std::none_of(
            told.begin(), told.end(), [&](const std::string& longer) { return longer.starts_with(cause); });
        if (is_new) told.push_back(cause);
        // Each batch that is held waits for an answer of its own, whatever the reasons have in common.
        if (is_new || condition.kind == "held" || condition.kind == kLeftAlone)
            once.push_back(std::move(condition));
    }
    return once;
}

std::string cause_line(const std::vector<store::Condition>& conditions, std::size_t length_max) {
    std::string line;
    for (const store::Condition& condition : in_order_of_need(conditions)) {
        // Files that are left alone hold up nothing; they have a line of their own.
        if (condition.kind == kLeftAlone) continue;
        if (!line.empty()) line += "; ";
        line += condition.kind == "held" ? condition.about + " is held: " + condition.text : condition.text;
    }
    return shortened(printable(line), length_max);
}

std::string left_alone_line(const std::vector<store::Condition>& conditions, std::size_t length_max) {
    std::string line;
    for (const store::Condition& condition : conditions)
        if (condition.kind == kLeftAlone)
            line += (line.empty() ? "left alone in the inbox: " : "; ") + condition.text;
    return shortened(printable(line), length_max);
}

}  // namespace batchd::report
