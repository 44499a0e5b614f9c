#include "engine/budget/job_estimate.hpp"

#include <map>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/bill/charges.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

std::optional<money::NanoDollars> cost_of_model(const Asked& asked, const config::Provider& provider,
                                                const money::PriceBook& prices,
                                                const money::TokenHistory& history) {
    const money::AskedFor terms = asked_for(provider, asked.model);
    const money::FoundPrice found = money::find_price(prices, terms);
    if (found.price == nullptr) return std::nullopt;
    return money::estimate_cost(history.expect(asked.tokens), asked.requests, *found.price, terms.tier,
                                terms.seller.halves);
}

}  // namespace

std::vector<Asked> asked_of(const std::vector<Shard>& shards) {
    // Prices are by the model, however many batches it takes.
    std::map<std::string, Asked> by_model;
    for (const Shard& shard : shards) {
        Asked& asked = by_model[shard.model];
        asked.model = shard.model;
        asked.requests += shard.requests;
        asked.tokens += shard.estimated_tokens;
    }
    std::vector<Asked> all;
    for (auto& [model, asked] : by_model) all.push_back(std::move(asked));
    return all;
}

std::string to_json(const std::vector<Asked>& asked) {
    json::array all;
    for (const Asked& one : asked)
        all.push_back({{"model", one.model}, {"requests", one.requests}, {"tokens", one.tokens}});
    return json::serialize(all);
}

std::vector<Asked> read_asked(const std::string& text) {
    std::vector<Asked> asked;
    try {
        const json::value all = json::parse(text);
        for (const json::value& one : all.as_array())
            asked.push_back({.model = std::string(one.at("model").as_string()),
                             .requests = one.at("requests").to_number<std::uint64_t>(),
                             .tokens = one.at("tokens").to_number<std::uint64_t>()});
    } catch (const std::exception&) {
        return {};  // of what can't be read nobody knows the price
    }
    return asked;
}

std::optional<money::NanoDollars> estimated_cost(const std::vector<Asked>& asked,
                                                 const config::Provider& provider,
                                                 const money::PriceBook& prices,
                                                 const money::TokenHistory& history) {
    std::optional<money::NanoDollars> sum;
    for (const Asked& one : asked) {
        const auto cost = cost_of_model(one, provider, prices, history);
        // The sum of the rest would look like a price, and let a job through of which nobody knows what it
        // costs.
        if (!cost) return std::nullopt;
        sum = sum ? money::plus(*sum, *cost) : cost;
        if (!sum) return std::nullopt;
    }
    return sum;
}

}  // namespace batchd::engine
