// price_answers PRICES-FILE: for each line "MODEL TIER INPUT CACHED CACHE_WRITE OUTPUT REASONING" of standard
// input what it costs and what it would cost at the standard price, in nano-dollars, or "unknown"; then the
// sums. For decimal_test.py, which knows the answers.
#include <iostream>
#include <string>

#include "money/cost.hpp"
#include "money/price/price_book.hpp"
#include "money/price_file/prices_file.hpp"

namespace {

using namespace batchd;

std::string in_nano_dollars(const std::optional<money::ExactDollars>& amount) {
    return amount ? std::to_string(amount->rounded().count()) : "unknown";
}

std::optional<money::Cost> price(const money::PriceBook& book, const std::string& model,
                                 const std::string& tier, const money::Usage& usage) {
    const auto found = book.find(model, "openai/");
    const auto charged = money::tier_of_answer(tier, money::Tier::standard);
    if (found.price == nullptr || !charged) return std::nullopt;
    return money::price_answer(usage, *found.price, *charged, true);
}

}  // namespace

int main(int argc, char** argv) {
    const auto reading = money::read_price_file(argc > 1 ? argv[1] : "");
    if (!reading) {
        std::cerr << to_string(reading.error()) << '\n';
        return 1;
    }
    const money::PriceBook book{.file = reading->table};
    money::Bill bill;
    std::string model, tier;
    for (money::Usage usage; std::cin >> model >> tier >> usage.input >> usage.cached >> usage.cache_write >>
                             usage.output >> usage.reasoning;) {
        const auto cost = price(book, model, tier, usage);
        bill.add(cost);
        std::cout << (cost ? in_nano_dollars(cost->paid) + ' ' + in_nano_dollars(cost->standard)
                           : "unknown unknown")
                  << '\n';
    }
    std::cout << in_nano_dollars(bill.paid) << ' ' << in_nano_dollars(bill.standard) << ' ' << bill.unpriced
              << '\n';
}
