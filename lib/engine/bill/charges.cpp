#include "engine/bill/charges.hpp"

namespace batchd::engine {

money::PriceSources price_sources(const config::Settings& settings) {
    return {settings.prices.file, settings.prices.models};
}

money::AskedFor asked_for(const config::Provider& provider, const std::string& model) {
    std::vector<std::string> written;
    for (const auto& [name, sent] : provider.models)
        if (sent == model) written.push_back(name);
    // The lower price is what a batch is made for: requests that are sent one by one are paid in full.
    return {.model = model,
            .tier = provider.kind == config::Kind::direct ? money::Tier::standard : money::Tier::batch,
            .seller = money::seller_of_kind(config::to_string(provider.kind)),
            .written = std::move(written)};
}

store::Spent spent_of(const money::Usage& usage, const money::Bill& bill) {
    store::Spent spent{
        .cached_tokens = usage.cached, .reasoning_tokens = usage.reasoning, .unpriced = bill.unpriced};
    // Where some could be priced, the rest is told by its number; where none could, nothing is known.
    if (bill.priced > 0 || bill.unpriced == 0) {
        spent.cost = bill.paid.rounded().count();
        spent.cost_sync = bill.standard.rounded().count();
    }
    return spent;
}

store::Batches::Tally tally_of(const jsonl::MatchReport& sorted, money::BatchBill bill, bool ended_by_us) {
    // Where the provider never said that it has ended, all without a line may have run; else only what is
    // lost.
    bill.add_unknown(ended_by_us ? sorted.missing : sorted.lost);
    store::Batches::Tally tally;
    tally.succeeded = sorted.succeeded;
    tally.failed = sorted.failed;
    tally.lost = sorted.lost;
    tally.input_tokens = bill.usage().input;
    tally.output_tokens = bill.usage().output;
    tally.spent = spent_of(bill.usage(), bill.bill());
    // On record with the batch, so that its cost can be understood when the prices are others.
    if (bill.bill().priced > 0) tally.prices = bill.prices();
    return tally;
}

std::optional<std::string> usage_difference(const jsonl::MatchReport& sorted, const money::Usage& of_answers,
                                            const store::Batch& batch) {
    // Only where each request has exactly one line that was read do the two speak of the same answers.
    const bool is_all = sorted.missing + sorted.repeated + sorted.unreadable + sorted.unknown == 0;
    const auto told = money::parse_usage(batch.told_usage);
    if (!is_all || !told) return std::nullopt;
    return money::usage_difference(of_answers, *told);
}

}  // namespace batchd::engine
