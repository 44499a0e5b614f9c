#pragma once

#include <string>

#include <boost/json/fwd.hpp>
#include <boost/system/result.hpp>

namespace batchd::sim {

/// A refusal as the API words it. An empty param or code is sent as null.
struct ApiError {
    unsigned status = 400;
    std::string message;
    std::string param;
    std::string code;
    std::string type = "invalid_request_error";
};

/// What a request gets: a value, or a refusal.
template <class T>
using Reply = boost::system::result<T, ApiError>;
[[noreturn]] void throw_exception_from_error(const ApiError& error, const boost::source_location& where);

/// Which of the two envelopes: the Files endpoints repeat message and code beside `error`.
enum class Envelope { plain, with_detail };

boost::json::object to_json(const ApiError& error, Envelope envelope);

/// How the API writes a text that it does not have: null.
boost::json::value text_or_null(const std::string& text);

}  // namespace batchd::sim
