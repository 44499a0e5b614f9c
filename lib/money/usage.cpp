#include "money/usage.hpp"

#include <array>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/units.hpp"

namespace batchd::money {

namespace json = boost::json;

Usage& Usage::operator+=(const Usage& more) {
    input += more.input;
    cached += more.cached;
    cache_write += more.cache_write;
    output += more.output;
    reasoning += more.reasoning;
    otherwise += more.otherwise;
    return *this;
}

std::optional<std::string> usage_difference(const Usage& of_answers, const Usage& of_batch) {
    if (of_batch.input == 0 && of_batch.output == 0) return std::nullopt;
    struct Count {
        std::string_view name;
        std::uint64_t answers, batch;
        bool is_part;
    };
    const std::array<Count, 4> counts{{{"input", of_answers.input, of_batch.input, false},
                                       {"cached", of_answers.cached, of_batch.cached, true},
                                       {"output", of_answers.output, of_batch.output, false},
                                       {"reasoning", of_answers.reasoning, of_batch.reasoning, true}}};
    std::string difference;
    for (const auto& [name, answers, batch, is_part] : counts) {
        // Some batches only have the sums; a part that they leave out contradicts nothing.
        if (answers == batch || (is_part && batch == 0)) continue;
        difference += (difference.empty() ? "the answers have " : "; ") + with_commas(answers) + ' ' +
                      std::string(name) + " tokens, the batch says " + with_commas(batch);
    }
    if (difference.empty()) return std::nullopt;
    return difference;
}

std::string to_json(const Usage& usage) {
    return json::serialize(json::object{{"input", usage.input},
                                        {"cached", usage.cached},
                                        {"cache_write", usage.cache_write},
                                        {"output", usage.output},
                                        {"reasoning", usage.reasoning}});
}

std::optional<Usage> parse_usage(std::string_view text) {
    json::error_code ec;
    const json::value value = json::parse(text, ec);
    const json::object* const object = ec ? nullptr : value.if_object();
    if (object == nullptr) return std::nullopt;
    Usage usage;
    const auto read = [&](const char* key, std::uint64_t& count) {
        const json::value* const number = object->if_contains(key);
        if (number == nullptr) return false;
        count = number->to_number<std::uint64_t>(ec);
        return !ec;
    };
    const bool is_whole = read("input", usage.input) && read("cached", usage.cached) &&
                          read("cache_write", usage.cache_write) && read("output", usage.output) &&
                          read("reasoning", usage.reasoning);
    return is_whole ? std::optional(usage) : std::nullopt;
}

}  // namespace batchd::money
