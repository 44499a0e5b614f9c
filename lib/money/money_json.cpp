#include "money/money_json.hpp"

#include "money/nano_dollars.hpp"

namespace batchd::money {

boost::json::value money_or_null(const std::optional<std::int64_t>& nano_dollars) {
    if (!nano_dollars) return nullptr;
    return boost::json::value(to_text(NanoDollars(*nano_dollars)));
}

}  // namespace batchd::money
