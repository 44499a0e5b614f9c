#include "money/usage.hpp"

#include <array>
#include <string_view>

#include "base/units.hpp"

namespace batchd::money {

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
        if (answers == batch || (is_part && batch == 0)) continue;
        difference += (difference.empty() ? "the answers have " : "; ") + with_commas(answers) + ' ' +
                      std::string(name) + " tokens, the batch says " + with_commas(batch);
    }
    if (difference.empty()) return std::nullopt;
    return difference;
}

}  // namespace batchd::money
