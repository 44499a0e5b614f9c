#include "money/batch_bill.hpp"

#include <algorithm>

namespace batchd::money {
namespace {

/// From which sizes of the input on a request may be charged by other rates.
std::vector<std::uint64_t> limits_of(const ModelPrice& price) {
    std::vector<std::uint64_t> limits;
    for (const ModelPrice::Entry& entry : price.entries())
        if (entry.key.above_tokens > 0) limits.push_back(entry.key.above_tokens);
    std::sort(limits.begin(), limits.end());
    limits.erase(std::unique(limits.begin(), limits.end()), limits.end());
    return limits;
}

/// Such as a moderation, whose answers do not say how many tokens they took.
bool is_free(const FoundPrice& found) {
    if (found.price == nullptr || found.price->entries().empty()) return false;
    const auto& entries = found.price->entries();
    return std::all_of(entries.begin(), entries.end(),
                       [](const auto& entry) { return entry.price == ExactDollars(); });
}

/// By what users call it.
FoundPrice find_by_written(const PriceBook& book, const AskedFor& asked) {
    FoundPrice found;
    for (const std::string& name : asked.written) {
        const FoundPrice one = book.find(name, asked.seller.prefix);
        if (one.price == nullptr) continue;
        if (found.price != nullptr && *found.price != *one.price) return {};
        if (found.price == nullptr) found = one;
    }
    return found;
}

}  // namespace

FoundPrice find_price(const PriceBook& book, const AskedFor& asked, std::string_view answered) {
    FoundPrice found = book.find(answered.empty() ? asked.model : answered, asked.seller.prefix);
    // Where nobody has named anything, an answer of another model is another model's.
    if (found.price != nullptr || asked.written.empty()) return found;
    if (!answered.empty()) found = book.find(asked.model, asked.seller.prefix);
    return found.price != nullptr ? found : find_by_written(book, asked);
}

BatchBill::BatchBill(std::shared_ptr<const PriceBook> book, AskedFor asked)
    : book_(std::move(book)), asked_(std::move(asked)) {}

std::optional<Cost> BatchBill::add(std::string_view model, std::string_view service_tier,
                                   const std::optional<Usage>& usage) {
    std::optional<Cost> cost;
    Line& line = line_of(model, service_tier).second;
    if (usage)
        cost = price(line, *usage);
    else if (is_free(line.found))
        cost = price(line, {});  // how many tokens it had makes no difference
    if (usage) usage_ += *usage;
    // An answer without a price is counted as such: its tokens are in the sum, and its cost is in none.
    bill_.add(cost);
    return cost;
}

BatchBill::Lines::value_type& BatchBill::line_of(std::string_view model, std::string_view service_tier) {
    // Nearly all answers of a batch are of one model and tier, and so the map is seldom searched.
    if (last_ != nullptr && last_->first.first == model && last_->first.second == service_tier) return *last_;
    const auto [line, is_new] = lines_.try_emplace({std::string(model), std::string(service_tier)});
    last_ = &*line;
    if (!is_new || !book_) return *last_;
    Line& made = line->second;
    made.found = find_price(*book_, asked_, model);
    made.tier = tier_of_answer(service_tier, asked_.tier);
    if (made.found.price != nullptr) made.limits = limits_of(*made.found.price);
    made.charges.resize(made.limits.size() + 1);
    return *last_;
}

/// Looked for once for each limit: what a request costs depends on its size in no other way.
BatchBill::Charge& BatchBill::charge_of(Line& line, std::uint64_t input_tokens) {
    const auto next = std::lower_bound(line.limits.begin(), line.limits.end(), input_tokens);
    auto& charge = line.charges[static_cast<std::size_t>(next - line.limits.begin())];
    if (!charge)
        charge =
            Charge{rates_of(*line.found.price, *line.tier, asked_.seller.halves, input_tokens),
                   rates_of(*line.found.price, Tier::standard, asked_.seller.halves, input_tokens), false};
    return *charge;
}

std::optional<Cost> BatchBill::price(Line& line, const Usage& usage) {
    // Unknown, and never 0.
    if (line.found.price == nullptr || !line.tier) return std::nullopt;
    Charge& charge = charge_of(line, usage.input);
    const auto paid = cost_of(usage, charge.paid);
    if (!paid) return std::nullopt;
    if (!charge.is_kept) {
        keep(line, *line.tier, charge.paid);
        keep(line, Tier::standard, charge.standard);
        charge.is_kept = true;
    }
    return Cost{*paid, cost_of(usage, charge.standard)};
}

void BatchBill::keep(const Line& line, Tier tier, const Rates& rates) {
    // Once for all answers at the same rates: what was reckoned with is kept beside the bill for good.
    if (rates.input || rates.output) prices_.insert(to_json(line.found.name, tier, rates));
}

std::string BatchBill::prices() const {
    std::string all;
    for (const std::string& price : prices_) all += (all.empty() ? "" : ",") + price;
    return "[" + all + "]";
}

}  // namespace batchd::money
