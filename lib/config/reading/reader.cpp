#include "config/reading/reader.hpp"

#include <algorithm>

#include "base/text/edit_distance.hpp"
#include "config/reading/nearest.hpp"
#include "config/values/table_name.hpp"

namespace batchd::config {
namespace {

// All problems are told at once, so that a file is mended in one go, and a wrong file of megabytes is not
// told line by line.
constexpr std::size_t kProblemsMax = 100;
constexpr std::string_view kBaseUrlVariable = "OPENAI_BASE_URL";

const Value::Table* as_table(const Value& value) {
    return std::get_if<Value::Table>(&value.content);
}

const Value* find_member(const Value::Table& table, std::string_view name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Member& member) { return member.name == name; });
    return found == table.end() ? nullptr : &found->value;
}

bool is_provider_key(std::string_view leaf) {
    const Fields<Provider>& fields = provider_fields();
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == leaf; });
}

/// Whether a table below [provider] is no provider, but a key that was misspelt: `modles = { … }`.
bool is_misspelt_key(const Member& member) {
    constexpr std::size_t kFarthest = 2;  // typing errors
    const Value::Table& table = *as_table(member.value);
    const bool says_something = std::any_of(table.begin(), table.end(),
                                            [](const Member& each) { return is_provider_key(each.name); });
    // Whoever sets a key of a provider in it means a provider.
    if (table.empty() || says_something || member.name.size() > 64) return false;
    const Fields<Provider>& fields = provider_fields();
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
        return edit_distance(member.name, field.name) <= kFarthest;
    });
}

/// Nothing where the table does not say it, or not rightly: that is told when the key is read.
std::optional<Kind> kind_in(const Value::Table& table) {
    const Value* const value = find_member(table, "kind");
    if (value == nullptr) return std::nullopt;
    const Field<Provider>& field = provider_fields().front();
    Provider provider;
    return field.read(*value, provider).empty() ? std::optional(provider.kind) : std::nullopt;
}

}  // namespace

void Reader::read_kinds(const Value::Table& file) {
    const Value* const value = find_member(file, "provider");
    const Value::Table* const table = value == nullptr ? nullptr : as_table(*value);
    if (table == nullptr) return;
    if (const auto kind = kind_in(*table)) loaded.settings.provider = defaults_of(*kind);
    for (const Member& member : *table)
        if (const auto* const named = as_table(member.value);
            named != nullptr && !is_provider_key(member.name))
            if (const auto kind = kind_in(*named)) kinds_["provider." + member.name] = *kind;
}

void Reader::read(const Value::Table& file) {
    for (const Member& member : file) {
        const bool is_section =
            member.name.find('.') == std::string::npos && !keys_of_section(member.name).empty();
        if (member.name == "queue") read_queues(member.value);
        // A misspelt name is an error and not ignored: a limit that does not hold because of a letter costs
        // money.
        else if (!is_section)
            add({member.value.where, member.name, unknown_name(member.name)});
        else if (expect_table(member.name, member.value, member.name))
            read_section(member.name, *as_table(member.value));
    }
}

void Reader::read_queues(const Value& value) {
    if (!expect_table("queue", value, "queue.NAME")) return;
    for (const Member& member : *as_table(value)) {
        const std::string section = "queue." + member.name;
        if (expect_table(section, member.value, "queue.NAME")) read_named(section, member.value);
    }
}

/// A provider, a queue or a target of notices.
void Reader::read_named(const std::string& section, const Value& value) {
    const std::string name = section.substr(section.find('.') + 1);
    if (!is_table_name(name))
        return add(
            {value.where, section,
             "has a name that does not do: must be 1 to 64 letters, digits, - and _, and not \"default\""});
    places_.emplace(section, value.where);
    Settings& settings = loaded.settings;
    if (section.starts_with("queue.")) {
        // Made even where nothing stands in it: a queue of defaults is one.
        settings.queues.try_emplace(name);
    } else if (section.starts_with("notify.")) {
        settings.notify_targets.try_emplace(name);
    } else {
        const auto kind = kinds_.find(section);
        settings.providers.try_emplace(name, defaults_of(kind == kinds_.end() ? Kind::openai : kind->second));
    }
    read_section(section, *as_table(value));
}

void Reader::read_section(const std::string& section, const Value::Table& table) {
    const std::vector<Key> keys = keys_of_section(section);
    for (const Member& member : table) {
        const std::string name = section + "." + member.name;
        const auto key =
            std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == name; });
        if (key != keys.end())
            apply(*key, member.value);
        else if (as_table(member.value) != nullptr &&
                 (section == "notify" || (section == "provider" && !is_misspelt_key(member))))
            read_named(name, member.value);
        else
            add({member.value.where, name, unknown_name(name)});
    }
}

void Reader::read_environment(const Environment& environment) {
    static constexpr std::string_view kName = "provider.base_url";
    // The file is the operator's word for this daemon; the variable is often set for all programs of a shell.
    // It is the address of a server that speaks like OpenAI: of another kind it would be the wrong one.
    if (loaded.sources.count(kName) != 0 || loaded.settings.provider.kind != Kind::openai) return;
    if (auto url = environment(kBaseUrlVariable))
        apply(*find_key(kName), Value{std::move(*url), "environment " + std::string(kBaseUrlVariable)});
}

std::string Reader::place_of(const std::string& section) const {
    const auto found = places_.find(section);
    return found == places_.end() ? std::string() : found->second;
}

bool Reader::expect_table(const std::string& name, const Value& value, const std::string& header) {
    if (as_table(value) != nullptr) return true;
    add({value.where, name, "is " + describe(value) + ": must be a table, [" + header + "]"});
    return false;
}

void Reader::apply(const Key& key, const Value& value) {
    // Noted even where the value is wrong, for a second one is a mistake all the same.
    const auto [source, is_new] = loaded.sources.emplace(key.name, value.where);
    if (!is_new)
        return add({value.where, key.name,
                    "is set twice: " + source->second + " has it as well; remove one of them"});
    for (Complaint& complaint : key.read(value, loaded.settings))
        add({std::move(complaint.where), std::move(complaint.key), std::move(complaint.what)});
}

void Reader::add(Problem problem) {
    if (problems.size() < kProblemsMax) problems.push_back(std::move(problem));
}

}  // namespace batchd::config
