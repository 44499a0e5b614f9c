#include "money/price_file/prices.hpp"

#include <utility>

#include "base/units.hpp"
#include "money/price_file/shipped_prices.hpp"

namespace batchd::money {
namespace {

constexpr std::size_t kRefusedShown = 5;

/// "3 models of /etc/prices.json have no price now: line 12: …".
std::string refusal(const Path& file, const PriceReading& reading) {
    std::string text = count_of(reading.refused_count, "model", "models") + " of " + file.string() +
                       " can't be priced by it: ";
    for (std::size_t i = 0; i < reading.refused.size() && i < kRefusedShown; ++i)
        text += (i == 0 ? "" : "; ") + reading.refused[i];
    if (reading.refused_count > kRefusedShown) text += "; …";
    return text;
}

std::string stays(const Error& error) {
    return "prices.file: " + to_string(error) + "; the prices that were known before stay in force";
}

}  // namespace

Prices::Look Prices::look(const PriceSources& sources) {
    Look look;
    // Whoever comes while the file is being read waits for it: with a table that is not there yet, answers
    // would be put down as unpriced for good.
    const std::lock_guard lock(mutex_);
    if (!book_) {
        auto first = std::make_shared<PriceBook>();
        first->shipped = shipped_prices();
        book_ = std::move(first);
    }
    take_models(sources, look.complaints);
    take_file(sources, look.complaints);
    sources_ = sources;
    look.book = book_;
    return look;
}

void Prices::take_models(const PriceSources& sources, std::vector<std::string>& complaints) {
    // Compared first, for this is asked again and again.
    if (sources.models == sources_.models) return;
    auto own = own_prices(sources.models);
    if (own)
        replace(&PriceBook::own, std::move(*own));
    else
        complaints.push_back("prices.models: " + to_string(own.error()));
}

void Prices::take_file(const PriceSources& sources, std::vector<std::string>& complaints) {
    // Another name is another file, even where it looks just like the one before.
    if (sources.file != sources_.file) watch_ = PricesWatch();
    if (!sources.file) {
        if (sources_.file) replace(&PriceBook::file, {});
        return;
    }
    const auto stamp = price_file_stamp(*sources.file);
    const auto step = watch_.look(stamp ? std::optional(*stamp) : std::nullopt);
    if (step == PricesWatch::Step::missing) complaints.push_back(stays(stamp.error()));
    if (step != PricesWatch::Step::read) return;
    auto reading = read_price_file(*sources.file);
    // Whoever writes to it now makes it look different once more, and then it is read.
    if (!reading && reading.error().code == Errc::changed) return;
    if (!reading) return complaints.push_back(stays(reading.error()));
    if (reading->refused_count > 0) complaints.push_back(refusal(*sources.file, *reading));
    replace(&PriceBook::file, std::move(reading->table));
}

void Prices::replace(PriceTable PriceBook::* table, PriceTable by) {
    // A new book, for whoever is pricing answers with the old one goes on with it to the end of the batch.
    auto changed = std::make_shared<PriceBook>(*book_);
    (*changed).*table = std::move(by);
    book_ = std::move(changed);
}

}  // namespace batchd::money
