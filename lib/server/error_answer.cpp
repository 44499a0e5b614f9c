#include "server/error_answer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"

namespace batchd::server {

Answer error_answer(unsigned status, std::string_view code, std::string_view message) {
    const boost::json::object body{{"error", {{"code", code}, {"message", printable(message)}}}};
    return {.head = {.status = status, .headers = {{"Content-Type", "application/json"}}},
            .body = boost::json::serialize(body) + "\n"};
}

}  // namespace batchd::server
