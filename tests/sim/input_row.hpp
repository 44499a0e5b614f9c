#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/api_error.hpp"

namespace batchd::sim {

/// What the service would answer later is made from this much of a request.
struct InputRow {
    std::string custom_id;
    std::string model;
    std::string url;
    std::string text;  ///< the first words of the last user message, input or prompt
    std::uint64_t input_tokens = 0;
    std::uint64_t inputs = 1;       ///< embedding inputs
    std::uint64_t dimensions = 16;  ///< of an embedding
    std::string bad_param;          ///< well-formed but wrong: the row fails alone, with this param
};

/// The batch that the lines belong to.
struct RowContext {
    std::string endpoint;        ///< "": that of the first good row, which is one of `urls`
    std::string model;           ///< of the first good row; "" before it
    std::set<std::string> urls;  ///< see ValidationTask::line_urls
    bool speaks_like_azure = false;
};

/// Reads one parsed line, with the checks that validation makes before a batch runs.
/// Errors: code, param and message as in the batch's `errors`.
Reply<InputRow> read_row(const boost::json::value& line, const RowContext& context);

}  // namespace batchd::sim
