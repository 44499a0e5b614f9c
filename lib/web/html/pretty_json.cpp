#include "web/html/pretty_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace batchd::web {
namespace {

namespace json = boost::json;

/// Objects and arrays call it for what is in them; how deep is bounded by the parser, which refuses what is
/// nested further.
void write(const json::value& value, std::size_t depth, std::string& out);

void begin_line(std::size_t depth, std::string& out) {
    (out += '\n').append(2 * depth, ' ');
}

void write_object(const json::object& object, std::size_t depth, std::string& out) {
    out += '{';
    for (const auto& [key, value] : object) {
        // By the key and not by its place: no two members of one object have the same.
        if (key != object.begin()->key()) out += ',';
        begin_line(depth + 1, out);
        out += json::serialize(json::value(key)) + ": ";
        write(value, depth + 1, out);
    }
    begin_line(depth, out);
    out += '}';
}

void write_array(const json::array& array, std::size_t depth, std::string& out) {
    out += '[';
    for (const json::value& value : array) {
        if (&value != &array.front()) out += ',';
        begin_line(depth + 1, out);
        write(value, depth + 1, out);
    }
    begin_line(depth, out);
    out += ']';
}

void write(const json::value& value, std::size_t depth, std::string& out) {
    if (value.is_object() && !value.get_object().empty())
        write_object(value.get_object(), depth, out);
    else if (value.is_array() && !value.get_array().empty())
        write_array(value.get_array(), depth, out);
    else
        // An empty object or array as well: "{}" on one line is easier to read than on two.
        out += json::serialize(value);
}

}  // namespace

std::string pretty_json(std::string_view text) {
    boost::system::error_code refused;
    const json::value value = json::parse(text, refused);
    // As it stands: whoever looks for the mistake in it needs to see just that.
    if (refused) return std::string(text);
    std::string out;
    write(value, 0, out);
    return out;
}

}  // namespace batchd::web
