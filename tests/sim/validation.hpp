#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "sim/line_error.hpp"

namespace batchd::sim {

/// What validation has to know; a copy, because it runs beside the server's thread.
struct ValidationTask {
    Path input;
    Path row_file;  ///< where the rows go when all are good
    std::string endpoint;
    std::uint64_t rows_max = 0;
    bool first_error_only = false;
    std::set<std::string> unknown_models;
    std::set<std::string> line_urls;  ///< the first line says which of these it is; none: `endpoint`
    bool speaks_like_azure = false;
    bool known_by_text = false;  ///< what is found are the rows' texts, not their ids
};

struct Validation {
    std::vector<LineError> errors;  ///< empty: the batch may run
    std::string model;
    std::string endpoint;  ///< the url of the lines
    std::string sha256;    ///< of the input
    std::vector<std::string> custom_ids;
};

/// Checks every line of an input file. Errors: errno, from our own disk.
Result<Validation> validate(const ValidationTask& task);

/// The model that the first line of `input` names; "" where it names none.
std::string model_of_first_line(const Path& input);

}  // namespace batchd::sim
