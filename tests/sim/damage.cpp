#include "sim/damage.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace batchd::sim {
namespace {

constexpr std::array<std::pair<std::string_view, Damage>, 5> kWords = {{
    {"control_character", Damage::control_character},
    {"cut", Damage::cut},
    {"nan", Damage::nan},
    {"id_as_number", Damage::id_as_number},
    {"garbage", Damage::garbage},
}};

/// Behind `mark` in the line, or its end.
std::size_t behind(const std::string& line, std::string_view mark) {
    const auto found = line.find(mark);
    return found == std::string::npos ? line.size() : found + mark.size();
}

void put_control_character(std::string& line) {
    std::size_t at = behind(line, R"("content":")");
    if (at >= line.size()) at = behind(line, R"("id":")");
    if (at < line.size()) line[at] = '\x01';
}

void make_id_a_number(std::string& line) {
    const std::size_t begin = behind(line, R"("custom_id":)");
    const std::size_t end = std::min(line.find('"', begin + 1), line.size());
    std::string digits;
    for (std::size_t i = begin; i < end; ++i)
        if (line[i] >= '0' && line[i] <= '9') digits += line[i];
    line.replace(begin, end + 1 - begin, digits.empty() ? "0" : digits);
}

void make_last_number_nan(std::string& line) {
    const auto digit = line.find_last_of("0123456789");
    const auto colon = line.rfind("\":", digit);
    if (digit == std::string::npos || colon == std::string::npos) return;
    line.replace(colon + 2, digit - colon - 1, "NaN");
}

}  // namespace

std::optional<Damage> parse_damage(std::string_view word) {
    for (const auto& [name, damage] : kWords)
        if (name == word) return damage;
    return std::nullopt;
}

std::string_view to_string(Damage damage) {
    return kWords.at(static_cast<std::size_t>(damage)).first;
}

std::string damage_words() {
    std::string words;
    for (const auto& [name, damage] : kWords) words += (words.empty() ? "" : ", ") + std::string(name);
    return words;
}

std::string damaged(std::string line, Damage damage, std::uint64_t bytes) {
    switch (damage) {
        case Damage::control_character:
            put_control_character(line);
            break;
        case Damage::cut:
            line.resize(line.size() - std::min<std::size_t>(bytes, line.size()));
            break;
        case Damage::nan:
            make_last_number_nan(line);
            break;
        case Damage::id_as_number:
            make_id_a_number(line);
            break;
        case Damage::garbage:
            line.assign(line.size(), '#');
            break;
    }
    return line;
}

}  // namespace batchd::sim
