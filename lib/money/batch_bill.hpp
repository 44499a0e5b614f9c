#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "money/cost.hpp"
#include "money/price/price_book.hpp"

namespace batchd::money {

/// How the requests of a batch were asked for.
struct AskedFor {
    std::string model;        ///< by which an answer is priced that names none
    Tier tier = Tier::batch;  ///< by which an answer is priced that names none
    Seller seller{};
    std::vector<std::string> written{};  ///< what users call it, where that is another name than what is sent
};

/// What is charged for an answer of the model `answered`, or, where that is "", asked for. Where users have
/// names of their own for what is sent, a server's name of it is often one of nobody's tables, that of a
/// deployment: then it is looked for under the name that is sent, and at last under theirs. Two of theirs
/// that differ in price say nothing.
FoundPrice find_price(const PriceBook& book, const AskedFor& asked, std::string_view answered = "");

/// Adds up what the answers of one batch cost, each by the model and the tier that answered it.
class BatchBill {
public:
    /// One that knows no price.
    BatchBill() = default;
    BatchBill(std::shared_ptr<const PriceBook> book, AskedFor asked);
    BatchBill(BatchBill&&) noexcept = default;
    BatchBill& operator=(BatchBill&&) noexcept = default;

    /// An answer, with the model and `service_tier` that it names, "" where it names none, and its tokens.
    /// One without any is an answer whose cost nobody knows. Answers what it costs.
    std::optional<Cost> add(std::string_view model, std::string_view service_tier,
                            const std::optional<Usage>& usage);
    /// Answers that may have been charged, and that nobody can read.
    void add_unknown(std::uint64_t answers) { bill_.unpriced += answers; }

    const Bill& bill() const { return bill_; }
    /// The tokens of all answers, priced or not.
    const Usage& usage() const { return usage_; }
    /// The prices that were used, a JSON array of objects as to_json() of model_price.hpp has them.
    std::string prices() const;

private:
    /// What the requests of one model and tier are charged by that exceed the same limits.
    struct Charge {
        Rates paid, standard;
        bool is_kept = false;  // among the prices that were used
    };
    /// The price of one model at one tier.
    struct Line {
        FoundPrice found;
        std::optional<Tier> tier;
        std::vector<std::uint64_t> limits;           ///< of input tokens, rising
        std::vector<std::optional<Charge>> charges;  ///< by how many limits are exceeded
    };
    using Lines = std::map<std::pair<std::string, std::string>, Line>;

    Lines::value_type& line_of(std::string_view model, std::string_view service_tier);
    Charge& charge_of(Line& line, std::uint64_t input_tokens);
    std::optional<Cost> price(Line& line, const Usage& usage);
    void keep(const Line& line, Tier tier, const Rates& rates);

    std::shared_ptr<const PriceBook> book_{};
    AskedFor asked_{};
    Lines lines_{};
    Lines::value_type* last_ = nullptr;  // nearly all answers of a batch are of one model
    Usage usage_{};
    Bill bill_{};
    std::set<std::string> prices_{};
};

}  // namespace batchd::money
