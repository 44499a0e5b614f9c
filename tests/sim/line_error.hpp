#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/result.hpp"

namespace batchd::sim {

/// One entry of a batch's `errors`.
struct LineError {
    std::string code;
    std::string message;
    std::string param;                  ///< "": null
    std::optional<std::uint64_t> line;  ///< 1-based; nothing: about the file
};

/// Reads an array of objects with `code`, `message`, `param` and `line`. Errors: bad_input.
Result<std::vector<LineError>> parse_line_errors(const boost::json::value& list);
boost::json::array to_json(const std::vector<LineError>& errors);

}  // namespace batchd::sim
