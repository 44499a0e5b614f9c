#include "money/price_file/price_events.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "money/price/price_book.hpp"
#include "money/price_file/price_reader.hpp"

namespace batchd::money {
namespace {

constexpr std::size_t kRefusedMax = 20;
// No name, key or number that matters is longer; of the rest it is enough to know that it is none of these.
constexpr std::size_t kScalarBytesMax = 512;

/// Whether tokens of text are all that such a model charges for.
bool is_mode_of_text(std::string_view mode) {
    constexpr std::array<std::string_view, 6> kModes{"chat",      "completion", "responses",
                                                     "embedding", "moderation", "rerank"};
    return std::find(kModes.begin(), kModes.end(), mode) != kModes.end();
}

}  // namespace

bool PriceEvents::collect(std::string& into, Text part) {
    // One byte more than the limit at most, by which one that was too long is known.
    into.append(part.data(),
                std::min(part.size(), kScalarBytesMax + 1 - std::min(into.size(), kScalarBytesMax + 1)));
    return true;
}

bool PriceEvents::on_object_begin(Code&) {
    if (depth_ == 0) is_object = true;
    // Nothing of the model before gets into this one.
    if (depth_ == 1 && is_object) model_ = {};
    if (depth_ == 2 && parse_price_key(model_key_)) refuse(model_key_ + " is an object: a price is a number");
    ++depth_;
    return true;
}

bool PriceEvents::on_array_begin(Code&) {
    // A price that is a list of steps is not understood here, and so the model has none.
    if (depth_ == 2 && model_key_ == "tiered_pricing") model_.by_other_units = true;
    if (depth_ == 2 && parse_price_key(model_key_)) refuse(model_key_ + " is a list: a price is a number");
    ++depth_;
    return true;
}

bool PriceEvents::end_container() {
    --depth_;
    return true;
}

bool PriceEvents::on_object_end(std::size_t, Code& code) {
    if (depth_ == 2 && is_object) finish_model();
    if (too_many) code = make_error_code(Errc::too_large);
    return end_container() && !too_many;
}

bool PriceEvents::on_key(Text part, std::size_t, Code&) {
    collect(key_, part);
    if (depth_ == 1) name_ = key_;
    if (depth_ == 2) model_key_ = key_;
    key_.clear();
    return true;
}

bool PriceEvents::on_string(Text part, std::size_t, Code&) {
    collect(value_, part);
    const std::string text = std::exchange(value_, {});
    if (depth_ != 2) return true;
    // Pictures, seconds of sound and searches are charged otherwise, and a cost from tokens alone would be
    // too low without a word.
    if (model_key_ == "mode" && !is_mode_of_text(text)) model_.by_other_units = true;
    if (model_key_ == "litellm_provider") model_.price.may_halve = may_halve(text);
    if (parse_price_key(model_key_)) refuse(model_key_ + " is \"" + text + "\": a price is a number");
    return true;
}

bool PriceEvents::on_bool(bool, Code&) {
    if (depth_ == 2 && parse_price_key(model_key_))
        refuse(model_key_ + " is true or false: a price is a number");
    return true;
}

bool PriceEvents::number(Text part) {
    collect(value_, part);
    const std::string text = std::exchange(value_, {});
    if (depth_ == 2) take_price(text);
    return true;
}

void PriceEvents::take_price(std::string_view text) {
    const auto key = parse_price_key(model_key_);
    if (!key) return;
    const auto price = parse_token_price(text);
    if (price)
        model_.price.set(*key, *price);
    else
        refuse(model_key_ + " is " + std::string(text.substr(0, 40)) + ": " + price.error().context);
}

void PriceEvents::refuse(const std::string& why) {
    if (model_.refusal.empty()) model_.refusal = "line " + std::to_string(line) + ": " + name_ + ": " + why;
}

void PriceEvents::finish_model() {
    Model model = std::exchange(model_, {});
    // A name that was cut could be taken for another one.
    if (name_.size() > kScalarBytesMax) return;
    if (!model.refusal.empty()) {
        // Counted and shown for a few: a file of thousands of models with one mistake repeated would fill
        // the log.
        ++reading.refused_count;
        if (reading.refused.size() < kRefusedMax) reading.refused.push_back(model.refusal);
    }
    const bool unknown = !model.refusal.empty() || model.by_other_units;
    if (model.price.entries().empty() && !unknown) return;
    // An entry without a price: so another table's price does not count either.
    reading.table[name_] = unknown ? ModelPrice{} : std::move(model.price);
    too_many = reading.table.size() > kModelsMax;
}

}  // namespace batchd::money
