#include <string>

#include "fuzz/target.hpp"
#include "money/cost.hpp"
#include "money/price_file/price_reader.hpp"

namespace batchd::fuzz {
namespace {

void expect_price(const money::ModelPrice::Entry& entry) {
    const auto most = money::parse_token_price(money::kTokenPriceMax);
    expect(entry.price >= money::ExactDollars() && entry.price <= *most, "a price is within its bounds");
    const auto again = money::parse_token_price(entry.price.text());
    expect(again && *again == entry.price, "a price is written so that it is read as the same");
    expect(money::parse_price_key(to_text(entry.key)) == entry.key,
           "a key is written so that it is read as the same");
}

void expect_cost(const money::ModelPrice& model) {
    constexpr std::uint64_t kTokens = 1'000'000;
    const money::Usage usage{
        .input = kTokens, .cached = kTokens / 2, .output = kTokens, .reasoning = kTokens / 3};
    const auto cost = money::price_answer(usage, model, money::Tier::batch, true);
    expect(!cost || cost->paid.rounded() <= money::NanoDollars(20'000'000'000'000),
           "two million tokens have a bound");
    expect(!cost || !model.entries().empty(), "what has no price costs nothing known");
}

/// Reads it in pieces of three bytes, where all that is read in one goes over a seam.
Result<money::PriceReading> read_in_pieces(std::string_view input) {
    money::PriceReader reader;
    for (; !input.empty(); input.remove_prefix(std::min<std::size_t>(3, input.size())))
        if (const auto written = reader.write(input.substr(0, 3)); !written) return written.error();
    return reader.finish();
}

}  // namespace

void price_file(std::string_view input) {
    const auto reading = money::read_prices(input);
    const auto pieces = read_in_pieces(input);
    expect(reading.has_value() == pieces.has_value(), "in pieces it is read as it is as a whole");
    if (!reading) {
        expect(!reading.error().context.empty(), "a file that is refused is told why");
        return;
    }
    expect(reading->refused == pieces->refused, "in pieces the same is refused");
    expect(reading->table == pieces->table, "in pieces the same is taken");
    for (const auto& [name, model] : reading->table) {
        for (const auto& entry : model.entries()) expect_price(entry);
        expect_cost(model);
    }
}

}  // namespace batchd::fuzz
