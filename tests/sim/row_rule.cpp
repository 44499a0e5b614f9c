#include "sim/row_rule.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 6> kKinds = {"status",  "timeout", "status_zero",
                                                    "missing", "twice",   "misplaced"};

Error wrong_rule(std::string_view key, std::string_view right) {
    return error(Errc::bad_input, "rows[]." + std::string(key) + " must be " + std::string(right));
}

Result<void> read_number(std::string_view key, std::uint64_t& into, const json::value& value) {
    boost::system::error_code ec;
    into = value.to_number<std::uint64_t>(ec);
    if (ec) return wrong_rule(key, "a whole number that is not negative");
    return {};
}

Result<void> read_text(std::string_view key, std::string& into, const json::value& value) {
    if (!value.is_string()) return wrong_rule(key, "a string");
    into = std::string(value.get_string());
    return {};
}

Result<void> read_set(RowRule& rule, const json::value& value) {
    if (!value.is_object()) return wrong_rule("set", "an object of members");
    rule.set = std::make_shared<const json::object>(value.get_object());
    return {};
}

Result<void> read_damage(RowRule& rule, const json::value& value) {
    std::string word;
    if (auto ok = read_text("damage", word, value); !ok) return ok;
    rule.damage = parse_damage(word);
    if (!rule.damage) return wrong_rule("damage", "one of " + damage_words());
    return {};
}

Result<void> read_member(RowRule& rule, std::string_view name, const json::value& value) {
    if (name == "match") return read_text(name, rule.match, value);
    if (name == "kind") return read_text(name, rule.kind, value);
    if (name == "runs_max") return read_number(name, rule.runs_max, value);
    if (name == "bytes") return read_number(name, rule.bytes, value);
    if (name == "set") return read_set(rule, value);
    if (name == "damage") return read_damage(rule, value);
    if (name != "status") return wrong_rule(name, "one of match, kind, status, runs_max, set, damage, bytes");
    std::uint64_t status = 0;
    auto ok = read_number(name, status, value);
    rule.status = static_cast<unsigned>(status);
    return ok;
}

Result<RowRule> parse(const json::value& value) {
    RowRule rule;
    if (!value.is_object()) return error(Errc::bad_input, "rows must be an array of objects");
    for (const auto& [name, item] : value.get_object())
        if (auto ok = read_member(rule, name, item); !ok) return ok.error();
    if (std::find(kKinds.begin(), kKinds.end(), rule.kind) == kKinds.end())
        return wrong_rule("kind", "status, timeout, status_zero, missing, twice or misplaced");
    if (rule.match.empty()) return wrong_rule("match", "a pattern such as \"row-1*\"");
    return rule;
}

}  // namespace

Result<std::vector<RowRule>> parse_row_rules(const json::value& list) {
    if (!list.is_array()) return error(Errc::bad_input, "rows must be an array of objects");
    std::vector<RowRule> rules;
    for (const json::value& item : list.get_array()) {
        auto rule = parse(item);
        if (!rule) return rule.error();
        rules.push_back(std::move(*rule));
    }
    return rules;
}

json::value to_json(const std::vector<RowRule>& rules) {
    json::array shown;
    for (const RowRule& rule : rules) {
        json::object entry{
            {"match", rule.match}, {"kind", rule.kind}, {"status", rule.status}, {"runs_max", rule.runs_max}};
        if (rule.set) entry["set"] = *rule.set;
        if (rule.damage) entry["damage"] = to_string(*rule.damage);
        if (rule.damage) entry["bytes"] = rule.bytes;
        shown.push_back(std::move(entry));
    }
    return shown;
}

}  // namespace batchd::sim
