#include "schedule/cron_field.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace batchd::schedule {
namespace {

/// The values `first`, `first` + `step` … up to `last`, counted through the end of the turn.
struct Range {
    unsigned first, last;
    unsigned step = 1;
};

std::optional<unsigned> parse_number(std::string_view text) {
    unsigned number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<unsigned> parse_value(std::string_view text, const FieldKind& kind) {
    const auto name = std::find(kind.names.begin(), kind.names.end(), text);
    if (name != kind.names.end()) return kind.low + static_cast<unsigned>(name - kind.names.begin());
    const auto number = parse_number(text);
    if (!number || *number < kind.low || *number > kind.high) return std::nullopt;
    return number;
}

/// "*", "5" or "1-5". A lone value with a step goes on to the end of the turn.
std::optional<Range> parse_range(std::string_view text, bool has_step, const FieldKind& kind) {
    const unsigned end = kind.low + kind.count - 1;
    if (text == "*") return Range{kind.low, end};
    const std::size_t dash = text.find('-');
    const auto first = parse_value(text.substr(0, dash), kind);
    if (!first) return std::nullopt;
    if (dash == text.npos) return Range{*first, has_step ? std::max(*first, end) : *first};
    const auto last = parse_value(text.substr(dash + 1), kind);
    if (!last) return std::nullopt;
    // "22-2" goes on through midnight, and "fri-mon" through the weekend.
    return Range{*first, *last < *first ? *last + kind.count : *last};
}

FieldSet values_of(const Range& range, const FieldKind& kind) {
    FieldSet set = 0;
    for (unsigned value = range.first; value <= range.last; value += range.step)
        set |= FieldSet{1} << (value > kind.high ? value - kind.count : value);
    return set;
}

Error wrong(std::string_view text, const FieldKind& kind, std::string_view right) {
    return error(Errc::bad_input,
                 std::string(kind.name) + " \"" + std::string(text) + "\": must be " + std::string(right));
}

Error wrong_value(std::string_view text, const FieldKind& kind) {
    return wrong(text, kind,
                 std::string(kind.values) + ", a range of these, a list, \"*\", or a step such as \"*/2\"");
}

Result<FieldSet> parse_item(std::string_view text, const FieldKind& kind) {
    const std::size_t slash = text.find('/');
    auto range = parse_range(text.substr(0, slash), slash != text.npos, kind);
    if (!range) return wrong_value(text, kind);
    if (slash != text.npos) {
        const auto step = parse_number(text.substr(slash + 1));
        // A longer step would be met once in each turn: "*/90" is every hour, which nobody means who writes
        // it.
        if (!step || *step < 1 || *step >= kind.count)
            return wrong(text, kind, "with a step of 1 to " + std::to_string(kind.count - 1));
        range->step = *step;
    }
    return values_of(*range, kind);
}

}  // namespace

Result<FieldSet> parse_field(std::string_view text, const FieldKind& kind) {
    FieldSet set = 0;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const auto values = parse_item(text.substr(begin, end - begin), kind);
        if (!values) return values.error();
        set |= *values;
        begin = end + 1;
    }
    return set;
}

}  // namespace batchd::schedule
