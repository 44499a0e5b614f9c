#pragma once

#include "config/fields/field.hpp"

namespace batchd::config {

/// One key of the configuration, wherever it stands: reading, printing, the reference file and the tests all
/// go by these.
struct Key {
    std::string name;     ///< "spool.inbox", "queue.nightly.model"
    std::string expects;  ///< what would be right: "an absolute path, such as …"
    /// Puts the value into the settings where it is right, and says what is wrong where it is not. The table
    /// is made where it is not there.
    std::function<std::vector<Complaint>(const Value&, Settings&)> read;
    /// The value as TOML; nothing for a key that is not set and has no default. The table must be there.
    std::function<std::optional<std::string>(const Settings&)> print;
    std::string_view inherits;  ///< "batch.model": what counts where this is silent; "" where there is none

    std::string_view section() const { return std::string_view(name).substr(0, name.rfind('.')); }
    std::string_view leaf() const { return std::string_view(name).substr(name.rfind('.') + 1); }
};

/// The keys of "spool", "provider", "provider.NAME", "queue.NAME", "notify.NAME" …; none for what is no
/// section.
std::vector<Key> keys_of_section(std::string_view section);

/// The sections that there are in these settings, in the order of the reference file: those that are always
/// there, and one for each provider, queue and target of notices with a name.
std::vector<std::string> sections_of(const Settings& settings);

/// All keys of these settings, in that order.
std::vector<Key> keys_of(const Settings& settings);

/// Those that are always there.
const std::vector<Key>& keys();
/// One of those by its name; null for any other, as that of a queue ("queue.nightly.model").
const Key* find_key(std::string_view name);

/// The keys whose values differ, and the sections that only one of the two has ("queue.nightly").
std::vector<std::string> changed_keys(const Settings& before, const Settings& after);

}  // namespace batchd::config
