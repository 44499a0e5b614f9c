#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The lines of a run's results, in the form of a batch's output, so that whoever reads those reads these.
namespace batchd::provider::direct {

/// Which row of which run a line is about.
struct LineHead {
    std::string_view tag;             ///< of the run: its lines' ids are "batchd_req_TAG_ROW"
    std::uint64_t row = 0;            ///< number of the line in the input
    std::string_view custom_id_json;  ///< as it stands in the request, with its quotes
};

/// What a server answered, of any status. `body` is valid JSON, or anything: what is not JSON (`is_json`
/// false) becomes an error object of type "not_json" with the first 2 KB of it. Otherwise the body is copied
/// byte for byte, but for line ends between its tokens, which become spaces.
std::string answer_line(const LineHead& head, unsigned status, std::string_view request_id,
                        std::string_view body, bool is_json);

/// A row that has no answer: `code` is for scripts ("no_answer", "request_timeout", "batch_cancelled"),
/// `message` for people.
std::string no_answer_line(const LineHead& head, std::string_view code, std::string_view message);

}  // namespace batchd::provider::direct
