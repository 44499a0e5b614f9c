#include "config/reading/read_toml.hpp"

#include <algorithm>
#include <stdexcept>

#include <toml++/toml.h>

#include "base/log.hpp"

namespace batchd::config {
namespace {

/// Far more than a configuration has; deeper would only be a stack to exhaust.
constexpr int kDepthMax = 32;

/// Builds the tree of one file.
class TreeBuilder {
public:
    explicit TreeBuilder(const std::string& file) : file_(file) {}

    Value::Table table(const toml::table& table, int depth = 0) const {
        struct Placed {
            toml::source_position at;
            Member member;
        };
        std::vector<Placed> placed;
        for (const auto& [name, node] : table) {
            // A table that is only implied by [a.b] or a.b = 1 has no place of its own.
            const toml::source_position own = node.source().begin;
            const toml::source_position at = own.line == 0 ? name.source().begin : own;
            placed.push_back({at, {std::string(name.str()), value(node, at, depth)}});
        }
        // The library keeps names in alphabetical order; people read messages in the order of the file.
        std::stable_sort(placed.begin(), placed.end(),
                         [](const Placed& a, const Placed& b) { return a.at < b.at; });
        Value::Table members;
        for (Placed& each : placed) members.push_back(std::move(each.member));
        return members;
    }

private:
    Value value(const toml::node& node, const toml::source_position& at, int depth) const {
        // Overwritten by whatever it is; a kind that the library gets later is a mistake with a message.
        Value value{Value::Other{"of an unknown kind"}, file_ + ":" + std::to_string(at.line)};
        if (const auto* flag = node.as_boolean()) value.content = flag->get();
        if (const auto* number = node.as_integer()) value.content = number->get();
        if (const auto* number = node.as_floating_point()) value.content = number->get();
        if (const auto* text = node.as_string()) value.content = text->get();
        if (node.is_date() || node.is_time() || node.is_date_time())
            value.content = Value::Other{"a date or time"};
        const bool is_deep = depth >= kDepthMax && (node.is_array() || node.is_table());
        if (is_deep) value.content = Value::Other{"nested too deeply"};
        if (const auto* elements = node.as_array(); elements != nullptr && !is_deep)
            value.content = array(*elements, depth + 1);
        if (const auto* members = node.as_table(); members != nullptr && !is_deep)
            value.content = table(*members, depth + 1);
        return value;
    }

    Value::Array array(const toml::array& elements, int depth) const {
        Value::Array values;
        for (const toml::node& element : elements)
            values.push_back(value(element, element.source().begin, depth));
        return values;
    }

    const std::string& file_;
};

/// The text before a line that it has, 1-based.
std::string_view before_line(std::string_view text, unsigned line) {
    std::size_t at = 0;
    for (; line > 1; --line) at = text.find('\n', at) + 1;
    return text.substr(0, at);
}

/// The section in which the end of `text` stands: "batch", or "" before the first.
std::string_view last_section(std::string_view text) {
    const std::size_t line = text.rfind("\n[");
    if (line == std::string_view::npos && !text.starts_with('[')) return {};
    const std::string_view header = text.substr(line == std::string_view::npos ? 1 : line + 2);
    return header.substr(0, header.find(']'));
}

/// Where something was first set, which the library refuses to set again without saying where it was: what
/// stands before the refused line is right, and has it. "" where that can't be told.
std::string first_place(std::string_view toml, const std::string& file, const toml::parse_error& failure) {
    static constexpr std::string_view kAgain = "cannot redefine";
    const std::string_view what = failure.description();
    const std::size_t from = what.find('\''), to = what.rfind('\'');
    // By the library's own words, for it gives no code. Other words only cost the hint.
    if (what.find(kAgain) == std::string_view::npos || from == to) return {};
    const std::string_view before = before_line(toml, failure.source().begin.line);
    const std::string name(what.substr(from + 1, to - from - 1)), section(last_section(before));
    try {
        const toml::table table = toml::parse(before, file);
        for (const std::string& path : {section + "." + name, name})
            if (const auto node = table.at_path(path); node && node.node()->source().begin.line != 0)
                return file + ":" + std::to_string(node.node()->source().begin.line);
    } catch (const toml::parse_error&) {
        // The refused line begins before the place that the library names: in the middle of a value.
    }
    return {};
}

}  // namespace

boost::system::result<Value::Table, Problem> read_toml(std::string_view toml, const std::string& file) {
    try {
        return TreeBuilder(file).table(toml::parse(toml, file));
    } catch (const toml::parse_error& failure) {
        // The library stops at the first error, so of a file that is no TOML only that one is told.
        const toml::source_position at = failure.source().begin;
        const std::string where = file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
        const std::string first = first_place(toml, file, failure);
        return Problem{where, "",
                       "not valid TOML: " + printable(failure.description()) +
                           (first.empty() ? "" : "; it is set twice: " + first + " has it as well")};
    }
}

void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
    throw std::runtime_error(to_string(problem));
}

}  // namespace batchd::config
