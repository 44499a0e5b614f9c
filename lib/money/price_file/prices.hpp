#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "money/price/price_book.hpp"
#include "money/price_file/prices_file.hpp"

namespace batchd::money {

/// Where prices come from besides those that ship.
struct PriceSources {
    std::optional<Path> file;  ///< in LiteLLM's format
    /// An operator's own, as own_prices() takes them.
    std::map<std::string, std::map<std::string, std::string>> models;

    friend bool operator==(const PriceSources&, const PriceSources&) = default;
};

/// The prices that are in force, read again when they change. Any thread.
class Prices {
public:
    struct Look {
        std::shared_ptr<const PriceBook> book;  ///< as it is at this moment; it never changes
        std::vector<std::string> complaints;    ///< what is new and wrong, a sentence each
    };
    /// Blocks where the file is to be read. What can't be read, or is no price file, is told once, and leaves
    /// in force what was read before.
    Look look(const PriceSources& sources);

private:
    void take_models(const PriceSources& sources, std::vector<std::string>& complaints);
    void take_file(const PriceSources& sources, std::vector<std::string>& complaints);
    void replace(PriceTable PriceBook::* table, PriceTable by);

    std::mutex mutex_;
    PriceSources sources_;
    PricesWatch watch_;
    std::shared_ptr<const PriceBook> book_;
};

}  // namespace batchd::money
