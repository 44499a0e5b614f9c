#include "config/print.hpp"

#include "config/effective.hpp"
#include "config/keys/keys.hpp"

namespace batchd::config {
namespace {

/// The settings without what somebody set, but with the same providers and queues.
Settings defaults_beside(const Settings& settings) {
    Settings defaults;
    defaults.provider = defaults_of(settings.provider.kind);
    for (const auto& [name, provider] : settings.providers)
        defaults.providers.emplace(name, defaults_of(provider.kind));
    for (const auto& [name, queue] : settings.queues) defaults.queues.emplace(name, Queue{});
    for (const auto& [name, target] : settings.notify_targets)
        defaults.notify_targets.emplace(name, NotifyTarget{});
    return defaults;
}

/// The settings with every value that somebody left to others as it is in force.
Settings in_force(const Loaded& loaded) {
    Settings all = loaded.settings;
    // Each from the settings as they were loaded, and not from what this has filled in already.
    for (auto& [name, queue] : all.queues) queue = filled(loaded.settings, queue);
    const Queue general = filled(loaded.settings, Queue{});
    if (loaded.sources.count("batch.max_requests") == 0) all.batch.max_requests = *general.max_requests;
    if (loaded.sources.count("batch.max_bytes") == 0) all.batch.max_bytes = *general.max_bytes;
    return all;
}

class Printer {
public:
    explicit Printer(const Loaded& loaded)
        : loaded_(loaded), defaults_(defaults_beside(loaded.settings)), in_force_(in_force(loaded)) {}

    std::string all() const {
        std::string text;
        for (const std::string& section : sections_of(loaded_.settings)) {
            text += (text.empty() ? "[" : "\n[") + section + "]\n";
            for (const Key& key : keys_of_section(section)) text += line_of(key);
        }
        return text;
    }

    std::string changed() const {
        std::string text;
        for (const std::string& section : sections_of(loaded_.settings)) {
            std::string lines;
            for (const Key& key : keys_of_section(section))
                if (is_changed(key)) lines += line_of(key);
            const bool has_name = section.find('.') != std::string::npos;  // that it is there is a change
            if (has_name || !lines.empty()) text += (text.empty() ? "[" : "\n[") + section + "]\n" + lines;
        }
        return text;
    }

private:
    bool is_changed(const Key& key) const {
        // A provider's kind decides about its other defaults, and has one itself.
        if (key.leaf() == "kind" && key.section().starts_with("provider"))
            return key.print(loaded_.settings) != find_key("provider.kind")->print({});
        return key.print(loaded_.settings) != key.print(defaults_);
    }

    /// What is in force without having been set is a comment: it may change with what it is taken from.
    std::string line_of(const Key& key) const {
        const auto value = key.print(loaded_.settings), effective = key.print(in_force_);
        const std::string name(key.leaf());
        // As a comment, for TOML has no word for a key that is not set, and the output is to be a
        // configuration again.
        if (!effective) return "# " + name + " is not set  # " + source_of(key) + "\n";
        if (value != effective) return "# " + name + " = " + *effective + "  # " + origin_of(key) + "\n";
        return name + " = " + *value + "  # " + source_of(key) + "\n";
    }

    std::string source_of(const Key& key) const {
        const auto found = loaded_.sources.find(key.name);
        if (found != loaded_.sources.end()) return printable(found->second);
        // Another default than OpenAI's should not look like one that everybody has.
        const bool is_of_kind =
            key.section().starts_with("provider") &&
            key.print(defaults_) != find_key("provider." + std::string(key.leaf()))->print({});
        return is_of_kind ? "default of the kind" : "default";
    }

    /// Whose value a silent key has: the general one, or its provider's where that allows less.
    std::string origin_of(const Key& key) const {
        if (key.inherits.empty()) return "from [provider]";
        const Key& general = *find_key(key.inherits);
        if (general.print(loaded_.settings) == key.print(in_force_))
            return "from [" + std::string(general.section()) + "]";
        const std::string queue(key.section().substr(key.section().find('.') + 1));
        const std::string& provider = loaded_.settings.queues.at(queue).provider;
        return "from [provider" + (provider.empty() ? "" : "." + provider) + "]";
    }

    const Loaded& loaded_;
    const Settings defaults_;
    const Settings in_force_;
};

}  // namespace

std::string print(const Loaded& loaded, const ApiKeys& api_keys) {
    // Where the keys are from, and never a key: people paste this output into reports.
    std::string text = Printer(loaded).all();
    for (const auto& [name, key] : api_keys) {
        const std::string note = key ? "from " + key->where : to_string(key.error());
        text += (name.empty() ? "\n# API key: " : "# API key of " + name + ": ") + printable(note) + "\n";
    }
    return text;
}

std::string print_changed(const Loaded& loaded) {
    return Printer(loaded).changed();
}

}  // namespace batchd::config
