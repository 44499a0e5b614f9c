#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys/value.hpp"
#include "config/settings.hpp"

namespace batchd::config {

/// One thing wrong with a key's value.
struct Complaint {
    std::string key;   ///< dotted; for a table, the member that is wrong
    std::string what;  ///< `is "30": must be a duration …`
    unsigned line = 0;
};

/// One key of the configuration: reading, printing, the reference file and the tests all go by this table.
struct Key {
    std::string_view name;  ///< "spool.inbox"
    std::string expects;    ///< what would be right: "an absolute path, such as …"
    /// Puts the value into the settings where it is right, and says what is wrong where it is not.
    std::function<std::vector<Complaint>(const Value&, Settings&)> read;
    /// The value as TOML; nothing for a key that is not set and has no default.
    std::function<std::optional<std::string>(const Settings&)> print;

    std::string_view section() const { return name.substr(0, name.find('.')); }
    std::string_view leaf() const { return name.substr(name.find('.') + 1); }
};

/// All keys, in the order of the reference file, those of a section together.
const std::vector<Key>& keys();

const Key* find_key(std::string_view name);

/// The keys whose values differ.
std::vector<std::string_view> changed_keys(const Settings& before, const Settings& after);

}  // namespace batchd::config
