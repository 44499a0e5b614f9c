#include "config/keys/table_keys.hpp"

#include <algorithm>

namespace batchd::config {
namespace {

const std::string* as_text(const Value& value) {
    return std::get_if<std::string>(&value.content);
}

/// Characters, not bytes: what the provider's limits count.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0U) != 0x80U; }));
}

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

constexpr std::size_t kMetadataPairsMax = 14;  // of the provider's 16: two are ours
constexpr std::size_t kMetadataNameMax = 64;
constexpr std::size_t kMetadataValueMax = 512;

/// What is wrong with a pair of metadata, or nothing. The provider would refuse every batch for one of them.
std::optional<std::string> metadata_fault(const Member& member) {
    if (member.name.empty() || characters(member.name) > kMetadataNameMax)
        return "has a name that does not do: must be 1 to 64 characters";
    // By these a batch is found again at the provider when it is in doubt.
    if (member.name.starts_with("batchd_"))
        return "has a name that does not do: \"batchd_…\" are batchd's own";
    const std::string* const text = as_text(member.value);
    if (text == nullptr || characters(*text) > kMetadataValueMax)
        return "is " + describe(member.value) + ": must be a string of at most 512 characters";
    return std::nullopt;
}

std::vector<Complaint> read_metadata(const Value& value, Settings& settings) {
    const auto* const table = std::get_if<Value::Table>(&value.content);
    if (table == nullptr)
        return {{"batch.metadata",
                 "is " + describe(value) + ": must be a table of strings, such as { team = \"search\" }",
                 value.line}};
    std::vector<Complaint> complaints;
    if (table->size() > kMetadataPairsMax)
        complaints.push_back({"batch.metadata",
                              "has " + std::to_string(table->size()) +
                                  " pairs: must be at most 14, for two of the " +
                                  "provider's 16 are batchd's own",
                              value.line});
    std::map<std::string, std::string> metadata;
    for (const Member& member : *table) {
        if (auto fault = metadata_fault(member))
            complaints.push_back({"batch.metadata." + member.name, std::move(*fault), member.value.line});
        else
            metadata.emplace(member.name, *as_text(member.value));
    }
    // All of the table or nothing of it: a configuration with a complaint is not used.
    if (complaints.empty()) settings.batch.metadata = std::move(metadata);
    return complaints;
}

/// What is wrong with one of the limits, or nothing. Each is told by itself, with its own line.
std::optional<std::string> limit_fault(const Member& member) {
    // gpt-4.1 = 5 is in TOML a table "gpt-4" with a key "1", which nobody meant.
    if (std::holds_alternative<Value::Table>(member.value.content))
        return "is a table: write a model's name in quotes where it has a dot, such as \"gpt-4.1\" = 900000";
    const auto* const limit = std::get_if<std::int64_t>(&member.value.content);
    if (member.name.empty() || limit == nullptr || *limit < 1)
        return "is " + describe(member.value) + ": must be a number of tokens, at least 1";
    return std::nullopt;
}

std::vector<Complaint> read_enqueued_tokens(const Value& value, Settings& settings) {
    const auto* const table = std::get_if<Value::Table>(&value.content);
    if (table == nullptr)
        return {{"batch.enqueued_tokens",
                 "is " + describe(value) +
                     ": must be a table of models and tokens, such as { \"gpt-4o-mini\" = 2000000 }",
                 value.line}};
    std::vector<Complaint> complaints;
    std::map<std::string, std::uint64_t> limits;
    for (const Member& member : *table) {
        if (auto fault = limit_fault(member))
            complaints.push_back(
                {"batch.enqueued_tokens." + member.name, std::move(*fault), member.value.line});
        else
            limits.emplace(member.name,
                           static_cast<std::uint64_t>(std::get<std::int64_t>(member.value.content)));
    }
    if (complaints.empty()) settings.batch.enqueued_tokens = std::move(limits);
    return complaints;
}

}  // namespace

Key metadata_key() {
    const auto print = [](const Settings& s) {
        return std::optional(print_table(s.batch.metadata, toml_string));
    };
    return {"batch.metadata", "a table of at most 14 strings", read_metadata, print};
}

Key enqueued_tokens_key() {
    const auto print = [](const Settings& s) {
        return std::optional(
            print_table(s.batch.enqueued_tokens, [](std::uint64_t limit) { return std::to_string(limit); }));
    };
    return {"batch.enqueued_tokens", "a table of models and numbers of tokens", read_enqueued_tokens, print};
}

}  // namespace batchd::config
