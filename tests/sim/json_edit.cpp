#include "sim/json_edit.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

/// Takes the first part of a dotted name off its front.
std::string_view take_part(std::string_view& name) {
    const std::string_view part = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(part.size() + 1, name.size()));
    return part;
}

void set_member(json::object& object, std::string_view name, const json::value& value) {
    const std::string_view part = take_part(name);
    json::value& member = object[part];
    if (name.empty()) {
        member = value;
        return;
    }
    if (!member.is_object()) member.emplace_object();
    set_member(member.get_object(), name, value);
}

void drop_member(json::object& object, std::string_view name) {
    const std::string_view part = take_part(name);
    if (name.empty()) {
        object.erase(part);
        return;
    }
    json::value* const member = object.if_contains(part);
    if (member != nullptr && member->is_object()) drop_member(member->get_object(), name);
}

bool has_member(const json::object& object, std::string_view name, const json::value& value) {
    const std::string_view part = take_part(name);
    const json::value* const member = object.if_contains(part);
    if (member == nullptr) return false;
    if (name.empty()) return *member == value;
    return member->is_object() && has_member(member->get_object(), name, value);
}

}  // namespace

void set_members(json::object& object, const json::object& members) {
    for (const auto& [name, value] : members) set_member(object, name, value);
}

void drop_members(json::object& object, const std::vector<std::string>& names) {
    for (const std::string& name : names) drop_member(object, name);
}

bool has_members(const json::object& object, const json::object& members) {
    for (const auto& [name, value] : members)
        if (!has_member(object, name, value)) return false;
    return true;
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::array filled_with(const json::value& item, std::uint64_t bytes) {
    const std::uint64_t item_bytes = json::serialize(item).size() + 1;  // and the comma
    return json::array(static_cast<std::size_t>(bytes / item_bytes + 1), item);
}

}  // namespace batchd::sim
