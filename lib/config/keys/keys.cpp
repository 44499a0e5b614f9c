#include "config/keys/keys.hpp"

#include <algorithm>

#include "config/fields/field_types.hpp"

namespace batchd::config {
namespace {

constexpr std::string_view kProviders = "provider.";
constexpr std::string_view kQueues = "queue.";
constexpr std::string_view kTargets = "notify.";

/// The fields of a table as keys of the settings. Where: the table in settings, const or not.
template <class Table, class Where>
std::vector<Key> bind(std::string_view section, const Fields<Table>& fields, Where where) {
    std::vector<Key> keys;
    for (const Field<Table>& field : fields) {
        Key key{std::string(section) + "." + std::string(field.name), field.expects, {}, {}, field.inherits};
        // The field is one of a table that is there for ever.
        key.read = [&field, where, section = std::string(section)](const Value& value, Settings& settings) {
            auto complaints = field.read(value, where(settings));
            for (Complaint& complaint : complaints) complaint.key = section + "." + complaint.key;
            return complaints;
        };
        key.print = [&field, where](const Settings& settings) { return field.print(where(settings)); };
        keys.push_back(std::move(key));
    }
    return keys;
}

/// One table of several with names.
template <class Map>
auto& at(Map& tables, const std::string& name) {
    // Reading makes the table where it is missing; printing must not.
    if constexpr (std::is_const_v<Map>)
        return tables.at(name);
    else
        return tables[name];
}

std::vector<Key> keys_of_named_section(std::string_view section) {
    // By copies of the names: a key outlives the text that it was asked for by.
    if (section.starts_with(kProviders))
        return bind(section, provider_fields(),
                    [name = std::string(section.substr(kProviders.size()))](auto& s) -> auto& {
                        return at(s.providers, name);
                    });
    if (section.starts_with(kQueues))
        return bind(section, queue_fields(),
                    [name = std::string(section.substr(kQueues.size()))](auto& s) -> auto& {
                        return at(s.queues, name);
                    });
    if (section.starts_with(kTargets))
        return bind(section, notify_target_fields(),
                    [name = std::string(section.substr(kTargets.size()))](auto& s) -> auto& {
                        return at(s.notify_targets, name);
                    });
    return {};
}

}  // namespace

std::vector<Key> keys_of_section(std::string_view section) {
    if (section == "spool") return bind(section, spool_fields(), AT(spool));
    if (section == "state") return bind(section, state_fields(), AT(state));
    if (section == "provider") return bind(section, provider_fields(), AT(provider));
    if (section == "batch") return bind(section, batch_fields(), AT(batch));
    if (section == "poll") return bind(section, poll_fields(), AT(poll));
    if (section == "retry") return bind(section, retry_fields(), AT(retry));
    if (section == "prices") return bind(section, prices_fields(), AT(prices));
    if (section == "control") return bind(section, control_fields(), AT(control));
    if (section == "notify") return bind(section, notify_fields(), AT(notify));
    if (section == "web") return bind(section, web_fields(), AT(web));
    if (section == "metrics") return bind(section, metrics_fields(), AT(metrics));
    if (section == "log") return bind(section, log_fields(), AT(log));
    return keys_of_named_section(section);
}

std::vector<std::string> sections_of(const Settings& settings) {
    std::vector<std::string> sections{"spool", "state", "provider"};
    for (const auto& [name, provider] : settings.providers)
        sections.push_back(std::string(kProviders) + name);
    sections.push_back("batch");
    for (const auto& [name, queue] : settings.queues) sections.push_back(std::string(kQueues) + name);
    sections.insert(sections.end(), {"poll", "retry", "prices", "control", "notify"});
    for (const auto& [name, target] : settings.notify_targets)
        sections.push_back(std::string(kTargets) + name);
    sections.insert(sections.end(), {"web", "metrics", "log"});
    return sections;
}

std::vector<Key> keys_of(const Settings& settings) {
    std::vector<Key> all;
    for (const std::string& section : sections_of(settings))
        for (Key& key : keys_of_section(section)) all.push_back(std::move(key));
    return all;
}

const std::vector<Key>& keys() {
    // One table for reading, printing, comparing and the suggestion for a misspelt name, so that none of
    // them can lack a key.
    static const std::vector<Key> table = keys_of(Settings{});
    return table;
}

const Key* find_key(std::string_view name) {
    const auto found =
        std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
    return found == keys().end() ? nullptr : &*found;
}

std::vector<std::string> changed_keys(const Settings& before, const Settings& after) {
    const auto had = sections_of(before), has = sections_of(after);
    const auto holds = [](const std::vector<std::string>& sections, const std::string& section) {
        return std::find(sections.begin(), sections.end(), section) != sections.end();
    };
    std::vector<std::string> changed;
    for (const std::string& section : has) {
        if (!holds(had, section)) {
            changed.push_back(section);
            continue;
        }
        for (const Key& key : keys_of_section(section))
            // By the printed form, which every key has, and which is the same exactly when the values are.
            if (key.print(before) != key.print(after)) changed.push_back(key.name);
    }
    // Those that are gone are told by the section alone: each of their keys would say the same.
    for (const std::string& section : had)
        if (!holds(has, section)) changed.push_back(section);
    return changed;
}

}  // namespace batchd::config
