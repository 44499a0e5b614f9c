#include "base/text/json_values.hpp"

#include "base/log.hpp"

namespace batchd {

namespace json = boost::json;

// Boost.JSON would escape controls as well. What it lets through is what turns the direction of a text or
// is no UTF-8, and people do print these values.
json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(printable(text));
}

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(to_utc_text(*time)) : json::value(nullptr);
}

}  // namespace batchd
