#pragma once

#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "base/clock.hpp"

/// Values as programs get them: what is not known is null, and no text carries what drives a terminal.
namespace batchd {

/// "" is null. Made printable otherwise.
boost::json::value text_or_null(const std::string& text);
/// UTC text, "2026-11-22T08:30:00Z".
boost::json::value time_or_null(const std::optional<TimePoint>& time);

}  // namespace batchd
