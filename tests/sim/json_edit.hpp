#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace batchd::sim {

/// Sets members of `object`. A dot in a name leads into an object inside, which is made where there is none:
/// "request_counts.completed".
void set_members(boost::json::object& object, const boost::json::object& members);

/// Takes members away; names as for set_members().
void drop_members(boost::json::object& object, const std::vector<std::string>& names);

/// Whether each of `members` is in `object` with just this value; names as for set_members().
bool has_members(const boost::json::object& object, const boost::json::object& members);

/// The member as a text; "" where it is no text.
std::string text_at(const boost::json::object& object, std::string_view key);

/// An array of as many copies of `item` as make about `bytes` bytes of JSON.
boost::json::array filled_with(const boost::json::value& item, std::uint64_t bytes);

}  // namespace batchd::sim
