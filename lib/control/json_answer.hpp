#pragma once

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "server/message.hpp"

namespace batchd::control {

server::Answer json_answer(unsigned status, const boost::json::object& body);

/// 503: the database can't be used now.
server::Answer unavailable(const Error& error);

}  // namespace batchd::control
