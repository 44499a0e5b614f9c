#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/disk/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace batchd::control {

struct JsonAnswer {
    unsigned status = 0;
    boost::json::object body;
};

/// What is asked of the daemon.
struct JsonCall {
    std::string method{};  ///< "GET" or "POST"
    std::string path{};    ///< with the query
    std::string body{};
    /// state.directory of the daemon that is meant: another one refuses a command. "": whoever listens.
    std::string state{};
};

/// One call over a connection that connect() made, and its answer, whatever its status; `patience` is for
/// each of sending and answering. Errors: what became of the call is not known.
boost::asio::awaitable<Result<JsonAnswer>> call(UniqueFd connection, JsonCall asked, Millis patience);

}  // namespace batchd::control
