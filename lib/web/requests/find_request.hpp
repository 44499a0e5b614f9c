#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/tables/jobs.hpp"

/// One request of a job, and what was answered to it: in the files of its folder. Blocking, for the pool.
namespace batchd::web {

/// Which one: by its id or, where that is empty, by its line in input.jsonl.
struct WantedRequest {
    std::string custom_id;
    std::uint64_t line_number = 0;  ///< 1-based
};

/// A line of a file, as it stands there.
struct FoundLine {
    std::string file;  ///< "output.jsonl"
    std::uint64_t line_number = 0;
    std::string text;
};

struct FoundRequest {
    std::string custom_id;  ///< "" where the line is no request
    std::optional<FoundLine> request{};
    std::optional<FoundLine> answer{};  ///< nothing where there is none
};

/// Reads the files up to the lines that are wanted. Errors: not_found where the request is not there; errno.
Result<FoundRequest> find_request(const store::Job& job, const WantedRequest& wanted);

}  // namespace batchd::web
