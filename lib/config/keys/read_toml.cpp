#include "config/keys/read_toml.hpp"

#include <algorithm>
#include <stdexcept>

#include <toml++/toml.h>

#include "base/log.hpp"

namespace batchd::config {
namespace {

/// Far more than a configuration has; deeper would only be a stack to exhaust.
constexpr int kDepthMax = 16;

Value::Table to_table(const toml::table& table, int depth);

Value to_value(const toml::node& node, int depth) {
    Value value{Value::Other{"of an unknown kind"}, node.source().begin.line};
    if (const auto* flag = node.as_boolean()) value.content = flag->get();
    if (const auto* number = node.as_integer()) value.content = number->get();
    if (const auto* text = node.as_string()) value.content = text->get();
    if (node.is_floating_point()) value.content = Value::Other{"a number with a fraction"};
    if (node.is_array()) value.content = Value::Other{"an array"};
    if (node.is_date() || node.is_time() || node.is_date_time())
        value.content = Value::Other{"a date or time"};
    if (const auto* table = node.as_table(); table != nullptr && depth < kDepthMax)
        value.content = to_table(*table, depth + 1);
    return value;
}

Value::Table to_table(const toml::table& table, int depth) {
    Value::Table members;
    for (const auto& [name, node] : table) {
        members.push_back({std::string(name.str()), to_value(node, depth)});
        // A table that is only implied by [a.b] or a.b = 1 has no place of its own.
        if (members.back().value.line == 0) members.back().value.line = name.source().begin.line;
    }
    // The library keeps names in alphabetical order; people read messages in the order of the file.
    std::stable_sort(members.begin(), members.end(),
                     [](const Member& a, const Member& b) { return a.value.line < b.value.line; });
    return members;
}

}  // namespace

boost::system::result<Value::Table, Problem> read_toml(std::string_view toml, const std::string& file) {
    try {
        return to_table(toml::parse(toml, file), 0);
    } catch (const toml::parse_error& failure) {
        // The library stops at the first error, so of a file that is no TOML only that one is told.
        const toml::source_position at = failure.source().begin;
        const std::string where = file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
        return Problem{where, "", "not valid TOML: " + printable(failure.description())};
    }
}

void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
    throw std::runtime_error(to_string(problem));
}

}  // namespace batchd::config
