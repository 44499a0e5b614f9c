#pragma once

#include <optional>
#include <string>

#include "config/settings.hpp"
#include "jsonl/match/match_results.hpp"
#include "money/batch_bill.hpp"
#include "money/price_file/prices.hpp"
#include "store/tables/batches.hpp"

/// What the answers of a batch cost. Pure.
namespace batchd::engine {

/// What the configuration says of prices.
money::PriceSources price_sources(const config::Settings& settings);

/// How the requests of `model`, the name that is sent, are asked for at this provider: in batches, but for a
/// kind that has none. A kind without batches is charged at the standard tier.
money::AskedFor asked_for(const config::Provider& provider, const std::string& model);

/// Tokens and money of these answers, in the database's terms. Nano-dollars, rounded once. The cost is empty
/// only where there were answers and none of them could be priced.
store::Spent spent_of(const money::Usage& usage, const money::Bill& bill);

/// What a batch came to whose rows are sorted. Requests whose answer was lost may have been charged, and so
/// may those of a batch that the provider never said had ended (`ended_by_us`).
store::Batches::Tally tally_of(const jsonl::MatchReport& sorted, money::BatchBill bill, bool ended_by_us);

/// What differs between the answers and what the provider says of the whole batch; nothing where they agree,
/// or where the answers are not known to be all that there are.
std::optional<std::string> usage_difference(const jsonl::MatchReport& sorted, const money::Usage& of_answers,
                                            const store::Batch& batch);

}  // namespace batchd::engine
