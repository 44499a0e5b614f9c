#include "config/fields/composed.hpp"

#include "base/text/characters.hpp"

namespace batchd::config {
namespace {

/// "{ a = 1, b = 2 }" of names and values that are TOML already.
template <class Map, class Format>
std::string print_table(const Map& map, Format format) {
    std::string out;
    for (const auto& [name, value] : map)
        // Names in quotes always: a model with a dot in its name would else be a table when this is read
        // again.
        out += (out.empty() ? "{ " : ", ") + toml_string(name) + " = " + format(value);
    return out.empty() ? "{}" : out + " }";
}

/// Each member goes through `fault`, which says what is wrong with it, and `take`.
template <class T, class Fault, class Take>
Reading<std::map<std::string, T>> read_members(const Value& value, std::string_view key,
                                               const std::string& expects, Fault fault, Take take) {
    Reading<std::map<std::string, T>> reading;
    const auto* const table = std::get_if<Value::Table>(&value.content);
    if (table == nullptr) {
        reading.complaints.push_back({std::string(key), complaint_about(value, expects), value.where});
        return reading;
    }
    // All that is wrong with them is told at once, each with its own line.
    for (const Member& member : *table) {
        if (std::optional<std::string> what = fault(member))
            reading.complaints.push_back(
                {std::string(key) + "." + member.name, std::move(*what), member.value.where});
        else
            reading.value.emplace(member.name, take(member.value));
    }
    return reading;
}

constexpr std::size_t kMetadataPairsMax = 14;  // of the provider's 16: two are ours
constexpr std::size_t kMetadataNameMax = 64;
constexpr std::size_t kMetadataValueMax = 512;

/// What is wrong with a pair of metadata, or nothing. The provider would refuse every batch for one of them.
std::optional<std::string> metadata_fault(const Member& member) {
    if (member.name.empty() || count_characters(member.name) > kMetadataNameMax)
        return "has a name that does not do: must be 1 to 64 characters";
    // By these a batch is found again at the provider when it is in doubt.
    if (member.name.starts_with("batchd_"))
        return "has a name that does not do: \"batchd_…\" are batchd's own";
    const std::string* const text = as_text(member.value);
    if (text == nullptr || count_characters(*text) > kMetadataValueMax)
        // Counted in characters, as the provider does, and not in bytes.
        return complaint_about(member.value, "a string of at most 512 characters");
    return std::nullopt;
}

/// What is wrong with one of the limits, or nothing. Each is told by itself, with its own line.
std::optional<std::string> limit_fault(const Member& member) {
    // gpt-4.1 = 5 is in TOML a table "gpt-4" with a key "1", which nobody meant.
    if (std::holds_alternative<Value::Table>(member.value.content))
        return "is a table: write a model's name in quotes where it has a dot, such as \"gpt-4.1\" = 900000";
    const auto* const limit = std::get_if<std::int64_t>(&member.value.content);
    if (member.name.empty() || limit == nullptr || *limit < 1)
        return complaint_about(member.value, "a number of tokens, at least 1");
    return std::nullopt;
}

}  // namespace

Reading<StringMap> read_metadata(const Value& value, std::string_view key) {
    auto reading =
        read_members<std::string>(value, key, "a table of strings, such as { team = \"search\" }",
                                  metadata_fault, [](const Value& text) { return *as_text(text); });
    const auto* const table = std::get_if<Value::Table>(&value.content);
    if (table != nullptr && table->size() > kMetadataPairsMax)
        // Before those about single pairs, for it is about the table, which stands above them.
        reading.complaints.insert(
            reading.complaints.begin(),
            {std::string(key),
             "has " + std::to_string(table->size()) + " pairs: must be at most 14, for two of the " +
                 "provider's 16 are batchd's own",
             value.where});
    return reading;
}

Reading<TokenLimits> read_token_limits(const Value& value, std::string_view key) {
    return read_members<std::uint64_t>(
        value, key, "a table of models and tokens, such as { \"gpt-4o-mini\" = 2000000 }", limit_fault,
        [](const Value& limit) { return static_cast<std::uint64_t>(std::get<std::int64_t>(limit.content)); });
}

Reading<StringMap> read_string_table(const Value& value, std::string_view key, const StringTableRule& rule) {
    const auto fault = [&](const Member& member) -> std::optional<std::string> {
        if (std::holds_alternative<Value::Table>(member.value.content))
            return "is a table: write a name in quotes where it has a dot, such as \"gpt-4.1\" = \"…\"";
        const std::string* const text = as_text(member.value);
        if (text != nullptr && !has_control_characters(member.name) && !has_control_characters(*text) &&
            rule.fits(member.name, *text))
            return std::nullopt;
        return complaint_about(member.value, rule.expects);
    };
    return read_members<std::string>(value, key, "a table of strings, such as " + rule.example, fault,
                                     [](const Value& text) { return *as_text(text); });
}

Reading<std::vector<std::string>> read_windows(const Value& value, std::string_view key) {
    static const std::string kExpects = "an array of time windows, such as [\"24h\", \"7d\"]; [] for any";
    Reading<std::vector<std::string>> reading;
    const auto* const array = std::get_if<Value::Array>(&value.content);
    if (array == nullptr)
        reading.complaints.push_back({std::string(key), complaint_about(value, kExpects), value.where});
    for (const Value& element : array == nullptr ? Value::Array{} : *array) {
        const std::string* const window = as_text(element);
        if (window != nullptr && is_window(*window) && !has_control_characters(*window))
            reading.value.push_back(*window);
        else
            reading.complaints.push_back(
                {std::string(key), "has " + describe(element) + ": must be " + kExpects, element.where});
    }
    return reading;
}

std::string print_strings(const StringMap& map) {
    return print_table(map, toml_string);
}

std::string print_token_limits(const TokenLimits& limits) {
    return print_table(limits, [](std::uint64_t limit) { return std::to_string(limit); });
}

std::string print_array(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + toml_string(text);
    return "[" + out + "]";
}

}  // namespace batchd::config
