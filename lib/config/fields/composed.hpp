#pragma once

#include <map>

#include "config/fields/field_types.hpp"

/// The values that are tables or arrays: how they are read, with all that is wrong in them, and printed.
namespace batchd::config {

using StringMap = std::map<std::string, std::string>;
using TokenLimits = std::map<std::string, std::uint64_t>;

/// Sent with a batch: strings by name, within the provider's limits less what batchd adds itself.
Reading<StringMap> read_metadata(const Value& value, std::string_view key);

/// Tokens that may be enqueued, by model.
Reading<TokenLimits> read_token_limits(const Value& value, std::string_view key);

/// What is right in a table of strings.
struct StringTableRule {
    std::string example;  ///< `{ "gpt-4o-mini" = "my-deployment" }`
    std::string expects;  ///< of each pair: "a name of at most 256 bytes"
    bool (*fits)(std::string_view name, std::string_view value);
};
Reading<StringMap> read_string_table(const Value& value, std::string_view key, const StringTableRule& rule);

/// The completion windows of a provider.
Reading<std::vector<std::string>> read_windows(const Value& value, std::string_view key);

/// As an inline table of TOML, in order of the names, which read_string_table() reads back as the same.
std::string print_strings(const StringMap& map);
std::string print_token_limits(const TokenLimits& limits);
/// As an array of TOML strings in one line.
std::string print_array(const std::vector<std::string>& texts);

/// Prices by model and key. What they mean is not looked at.
Reading<std::map<std::string, ModelPrices>> read_prices(const Value& value, std::string_view key);
std::string print_prices(const std::map<std::string, ModelPrices>& models);

/// A table as the text of a JSON object, members in the order of the file and numbers as they were written;
/// "" for a table without members.
Reading<std::string> read_defaults(const Value& value, std::string_view key);

/// The other way: what read_defaults() made, as an inline table.
std::string print_defaults(const std::string& json);

}  // namespace batchd::config
