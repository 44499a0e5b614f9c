#include "money/budget/budget.hpp"

#include <array>
#include <utility>

namespace batchd::money {
namespace {

constexpr std::array<std::pair<std::string_view, BudgetSpan>, 3> kSpans{
    {{"day", BudgetSpan::day}, {"month", BudgetSpan::month}, {"job", BudgetSpan::job}}};

std::string_view without_spaces_before(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

Error wrong(std::string_view text, std::string_view why) {
    return error(Errc::bad_input, '"' + std::string(text) + "\" is no budget: " + std::string(why));
}

}  // namespace

Result<Budget> parse_budget(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return wrong(text, "\"50 USD/day\", \"…/month\" or \"…/job\" is one");
    // In dollars, as prices are: another currency would need a rate that nobody has set.
    const auto limit = parse_money(text.substr(0, slash));
    if (!limit) return wrong(text, limit.error().context);
    // A budget of nothing would hold everything for ever; who wants that stops the queue.
    if (*limit <= NanoDollars(0)) return wrong(text, "it must be more than nothing");
    const std::string_view word = without_spaces_before(text.substr(slash + 1));
    for (const auto& [name, span] : kSpans)
        if (word == name) return Budget{*limit, span};
    return wrong(text, "it is for a \"day\", a \"month\" or a \"job\"");
}

std::string to_text(const Budget& budget) {
    std::string text = to_text(budget.limit) + " USD/";
    for (const auto& [name, span] : kSpans)
        if (span == budget.span) text += name;
    return text;
}

}  // namespace batchd::money
