#include "control/json_answer.hpp"

#include <boost/json/serialize.hpp>

#include "server/error_answer.hpp"

namespace batchd::control {

server::Answer json_answer(unsigned status, const boost::json::object& body) {
    return {.head = {.status = status, .headers = {{"Content-Type", "application/json"}}},
            .body = boost::json::serialize(body) + "\n"};
}

server::Answer unavailable(const Error& error) {
    // 503 and not 500: the disk may be full for an hour, and who asks again later is right to.
    return server::error_answer(503, "unavailable", "the database does not take it now: " + to_string(error));
}

}  // namespace batchd::control
