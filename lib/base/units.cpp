#include "base/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>

namespace batchd {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Smallest first, the decimal sizes and the others each for themselves.
constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                Unit{"d", 86'400'000}};
constexpr std::array kSizes{Unit{"B", 1},
                            Unit{"kB", 1000},
                            Unit{"MB", 1'000'000},
                            Unit{"GB", 1'000'000'000},
                            Unit{"KiB", 1024},
                            Unit{"MiB", 1024ULL * 1024},
                            Unit{"GiB", 1024ULL * 1024 * 1024}};

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units,
                                   std::uint64_t bare_factor) {
    std::uint64_t number = 0;
    const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{}) return std::nullopt;
    std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    // "10 MB" and "10MB" are both what people write.
    if (name.starts_with(' ')) name.remove_prefix(1);
    std::uint64_t factor = name.empty() ? bare_factor : 0;
    for (const Unit& unit : units)
        if (unit.name == name) factor = unit.factor;
    const auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    // Bounded by what a signed number holds, for durations are signed and are added to each other.
    if (factor == 0 || number > max / factor) return std::nullopt;
    return number * factor;
}

/// In the largest unit that divides it: the shortest text.
std::string format(std::uint64_t number, std::span<const Unit> units) {
    const Unit* best = &units.front();
    for (const Unit& unit : units)
        if (number != 0 && number % unit.factor == 0 && unit.factor > best->factor) best = &unit;
    return std::to_string(number / best->factor) + std::string(best->name);
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
    const auto ms = parse(text, kDurations, 0);
    if (!ms) return std::nullopt;
    return Millis(static_cast<std::int64_t>(*ms));
}

std::string format_duration(Millis duration) {
    // Up to hours: "24h" is how people write a day here.
    return format(static_cast<std::uint64_t>(duration.count()), std::span(kDurations).first(4));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, kSizes, 1);
}

std::string format_size(std::uint64_t size_bytes) {
    return format(size_bytes, kSizes);
}

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

std::string count_of(std::uint64_t count, std::string_view one, std::string_view many) {
    return with_commas(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace batchd
