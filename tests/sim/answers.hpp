#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "sim/input_row.hpp"

namespace batchd::sim {

/// The batch that an answer is made for.
struct AnswerContext {
    std::string endpoint;
    TimePoint now{};
    std::uint64_t text_bytes_min = 0;  ///< texts are padded to this
};

/// Tokens as `usage` counts them.
struct Tokens {
    std::uint64_t input = 0;
    std::uint64_t output = 0;
};

struct AnswerBody {
    std::string json;
    Tokens tokens;
};

/// The body with which the endpoint would have answered the row: something that can be told from the row
/// alone.
AnswerBody answer(const InputRow& row, const AnswerContext& context);

/// The first words of `text`: our idea of a summary.
std::string summary(std::string_view text);

/// The error body of a row that was answered with `status`, which is not 2xx.
boost::json::object error_answer(const InputRow& row, unsigned status);

}  // namespace batchd::sim
