#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// One line of output.jsonl or errors.jsonl.
struct ResultLine {
    std::string id;  ///< custom_id, as a text also where it is a number; "" when it is null
    boost::json::object object;
    /// response.status_code, as a number also where it is a text; 0 when there is no response.
    std::int64_t status() const;
    /// error.code; "" when there is none.
    std::string error_code() const;
};

/// A folder outbox/NAME, read as a user's script would.
struct PublishedJob {
    /// Fails the test where a file is missing or no JSON. The input may be missing where job.json says that
    /// it changed: what was lost with an old outbox is delivered without it.
    static PublishedJob read(const Path& folder);

    std::string input;  ///< byte for byte; empty where it is gone
    std::vector<ResultLine> output;
    std::vector<ResultLine> errors;  ///< empty when there is no errors.jsonl
    bool has_errors_file = false;
    boost::json::object summary;  ///< job.json

    std::vector<std::string> output_ids() const;
    std::vector<std::string> error_ids() const;
};

/// The ids of a request file in order: custom_id where the line has one of its own, line-N where not, as
/// where another line is sent under it. Blank lines have none.
std::vector<std::string> request_ids(const std::string& input);

}  // namespace batchd::testing
