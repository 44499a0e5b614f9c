#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "config/keys/keys.hpp"
#include "config/load.hpp"
#include "support/temp_dir.hpp"

namespace batchd::config {
namespace {

using testing::slurp;

/// config/batchd.toml, with each commented-out assignment at work.
struct Reference {
    std::string toml;
    std::set<std::string> keys;
    std::set<std::string> examples;  // keys that have no default
};

/// "#name = value" is an assignment, "#[section]" a table, "# text" is text; one line before an example says
/// that it is one.
Reference read_reference() {
    Reference reference;
    std::istringstream lines(slurp(BATCHD_REFERENCE_FILE));
    std::string section;
    bool is_example = false;
    for (std::string line; std::getline(lines, line); reference.toml += line + "\n") {
        if (line.starts_with("#[")) line.erase(0, 1);  // one that is there where somebody wants it
        if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
        if (line.size() > 1 && line[0] == '#' && line[1] >= 'a' && line[1] <= 'z') {
            line.erase(0, 1);
            const std::string key = section + "." + line.substr(0, line.find(' '));
            reference.keys.insert(key);
            if (is_example) reference.examples.insert(key);
            // The examples of a target are for several kinds, which do not go together.
            if (is_example && section == "notify.NAME" && !key.ends_with(".kind")) line.clear();
        }
        is_example = line.starts_with("# ") && line.ends_with(". For example:");
    }
    return reference;
}

/// A queue of the file's, and what its examples name.
Settings defaults() {
    Settings settings;
    settings.queues.emplace("NAME", Queue{});
    settings.notify_targets.emplace("NAME", NotifyTarget{});
    return settings;
}

TEST(ReferenceFileTest, HasEveryKey) {
    const Reference reference = read_reference();
    std::set<std::string> names;
    for (const Key& key : keys_of(defaults())) names.insert(key.name);
    EXPECT_EQ(reference.keys, names);
}

TEST(ReferenceFileTest, ShowsTheDefaultOfEveryKeyThatHasOne) {
    const Reference reference = read_reference();
    const Loaded loaded = load_text(reference.toml + "[provider.azure]\n[provider.gpu]\n",
                                    "config/batchd.toml", fixed_environment({}))
                              .value();
    for (const Key& key : keys_of(defaults())) {
        const bool has_default = key.print(defaults()).has_value();
        EXPECT_EQ(reference.examples.count(key.name), has_default ? 0U : 1U) << key.name;
        if (!has_default) continue;
        EXPECT_EQ(key.print(loaded.settings), key.print(defaults())) << key.name;
    }
}

TEST(ReferenceFileTest, SaysWhereASilentQueueHasAValueFrom) {
    const std::string text = slurp(BATCHD_REFERENCE_FILE);
    for (const Key& key : keys_of_section("queue.NAME")) {
        if (key.inherits.empty()) continue;
        const std::string section(find_key(key.inherits)->section());
        EXPECT_NE(
            text.find("\n# Taken from [" + section + "]. For example:\n#" + std::string(key.leaf()) + " = "),
            std::string::npos)
            << key.name;
    }
}

TEST(ReferenceFileTest, ChangesNothingAsItIs) {
    const Loaded loaded = load(Path(BATCHD_REFERENCE_FILE), fixed_environment({})).value();
    EXPECT_TRUE(loaded.sources.empty());
    EXPECT_TRUE(changed_keys(loaded.settings, Settings{}).empty());
}

TEST(ReferenceFileTest, SaysTheRangeOfEveryNumberAndDuration) {
    const std::string text = slurp(BATCHD_REFERENCE_FILE);
    for (const char* range : {"100ms to 1h", "0s to 1h", "100ms to 24h", "1ms to 24h", "1 to 64", "1 to 20",
                              "1 to 10,000,000", "1h to 30d", "0s to 366d", "-100 to 100"})
        EXPECT_NE(text.find(range), std::string::npos) << range;
}

}  // namespace
}  // namespace batchd::config
