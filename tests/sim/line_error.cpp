#include "sim/line_error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/api_error.hpp"
#include "sim/json_edit.hpp"

namespace batchd::sim {

namespace json = boost::json;

Result<std::vector<LineError>> parse_line_errors(const json::value& list) {
    if (!list.is_array()) return error(Errc::bad_input, "errors must be an array of objects");
    std::vector<LineError> errors;
    for (const json::value& item : list.get_array()) {
        if (!item.is_object()) return error(Errc::bad_input, "errors must be an array of objects");
        const json::object& from = item.get_object();
        LineError& entry = errors.emplace_back(
            LineError{text_at(from, "code"), text_at(from, "message"), text_at(from, "param"), {}});
        boost::system::error_code ec;
        const json::value* const line = from.if_contains("line");
        const std::uint64_t number = line == nullptr ? 0 : line->to_number<std::uint64_t>(ec);
        if (number > 0 && !ec) entry.line = number;
    }
    return errors;
}

json::array to_json(const std::vector<LineError>& errors) {
    json::array data;
    for (const LineError& entry : errors)
        data.push_back(json::object{{"code", entry.code},
                                    {"message", entry.message},
                                    {"param", text_or_null(entry.param)},
                                    {"line", entry.line ? json::value(*entry.line) : json::value(nullptr)}});
    return data;
}

}  // namespace batchd::sim
