#pragma once

#include <boost/json/object.hpp>

#include "store/told/notices.hpp"

namespace batchd::notify {

/// What programs get of a notice: {"type", "time", "text", "job": {…} or null}, serialized under 20 KB
/// whatever stands in it. Webhooks and commands get the same.
boost::json::object event_json(const store::Notice& notice);

}  // namespace batchd::notify
