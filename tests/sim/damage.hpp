#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::sim {

/// What makes a line of a result file unreadable.
enum class Damage {
    control_character,  ///< a raw one inside a string
    cut,                ///< bytes are missing at its end
    nan,                ///< a number that is none, as Python writes it
    id_as_number,       ///< custom_id is a number: its digits
    garbage,            ///< as long as it was, and no JSON from its first byte on
};

std::optional<Damage> parse_damage(std::string_view word);
std::string_view to_string(Damage damage);
/// For a message: all words that parse_damage() takes.
std::string damage_words();

/// The line (without its end) after the damage. `bytes`: what is cut.
std::string damaged(std::string line, Damage damage, std::uint64_t bytes);

}  // namespace batchd::sim
