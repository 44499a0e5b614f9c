#include "sim/api_error.hpp"

#include <stdexcept>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

void throw_exception_from_error(const ApiError& error, const boost::source_location&) {
    throw std::runtime_error(error.message);
}

json::object to_json(const ApiError& error, Envelope envelope) {
    json::object body;
    body["error"] = json::object{{"message", error.message},
                                 {"type", error.type},
                                 {"param", text_or_null(error.param)},
                                 {"code", text_or_null(error.code)}};
    if (envelope == Envelope::with_detail)
        body["detail"] = json::object{{"message", error.message}, {"code", text_or_null(error.code)}};
    return body;
}

}  // namespace batchd::sim
