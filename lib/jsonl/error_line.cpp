#include "jsonl/error_line.hpp"

#include <simdjson.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"

namespace batchd::jsonl {
namespace {

boost::json::value to_json(std::string_view text) {
    // Messages come from providers and ids from people. errors.jsonl is to be readable by any JSON reader,
    // whatever was in them.
    if (simdjson::validate_utf8(text.data(), text.size())) return boost::json::string(text);
    return boost::json::string(printable(text));
}

}  // namespace

std::string error_line(std::optional<std::string_view> custom_id, const LineError& error) {
    boost::json::object what{{"code", to_json(error.code)}, {"message", to_json(error.message)}};
    if (!error.param.empty()) what["param"] = to_json(error.param);
    // For a request whose id is not known: its line is all that can be said of it.
    if (error.line) what["line"] = *error.line;
    boost::json::object line;
    // All the keys of the provider's own error lines, so that one reader does for both.
    line["id"] = nullptr;
    line["custom_id"] = custom_id ? to_json(*custom_id) : boost::json::value();
    line["response"] = nullptr;
    line["error"] = std::move(what);
    return boost::json::serialize(line);
}

}  // namespace batchd::jsonl
