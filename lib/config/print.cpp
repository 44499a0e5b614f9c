#include "config/print.hpp"

#include "config/keys/keys.hpp"

namespace batchd::config {
namespace {

std::string source_of(const Loaded& loaded, const Key& key) {
    const auto found = loaded.sources.find(key.name);
    return found == loaded.sources.end() ? "default" : printable(found->second);
}

std::string line_of(const Loaded& loaded, const Key& key) {
    const auto value = key.print(loaded.settings);
    const std::string name(key.leaf());
    // As a comment, for TOML has no word for a key that is not set, and the output is to be a configuration
    // again.
    if (!value) return "# " + name + " is not set  # " + source_of(loaded, key) + "\n";
    return name + " = " + *value + "  # " + source_of(loaded, key) + "\n";
}

}  // namespace

std::string print(const Loaded& loaded, const Result<ApiKey>& api_key) {
    std::string text;
    std::string_view section;
    for (const Key& key : keys()) {
        if (key.section() != section) {
            section = key.section();
            text += (text.empty() ? "[" : "\n[") + std::string(section) + "]\n";
        }
        text += line_of(loaded, key);
    }
    // Where the key is from, and never the key: people paste this output into reports.
    const std::string note = api_key ? "from " + api_key->where : to_string(api_key.error());
    return text + "\n# API key: " + printable(note) + "\n";
}

}  // namespace batchd::config
