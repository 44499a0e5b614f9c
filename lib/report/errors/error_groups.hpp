#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "base/result.hpp"

/// Why the requests of a job failed, a reason at a time.
namespace batchd::report {

/// Where one of them is found again.
struct FailedRequest {
    std::string custom_id;          ///< printable, cut where it is long; "" where the line has none
    std::uint64_t line_number = 0;  ///< in errors.jsonl, 1-based
};

/// Requests that failed for one reason: the same status and code, and messages that differ in numbers and ids
/// only.
struct ErrorGroup {
    unsigned status_code = 0;  ///< of the answer; 0 where there was none
    std::string code;          ///< printable; "" where none is said
    std::string message;       ///< of the first of them, printable, cut where it is long
    std::uint64_t requests = 0;
    std::vector<FailedRequest> examples{};  ///< the first three
};

struct ErrorGroups {
    std::vector<ErrorGroup> groups;  ///< the largest first, at most kShown
    std::uint64_t others = 0;        ///< requests in none of them

    static constexpr std::size_t kShown = 20;
};

/// Groups failures as they are met, in bounded memory: of more than kReasonsMax reasons, those that come
/// later are only counted.
class ErrorGrouper {
public:
    static constexpr std::size_t kReasonsMax = 1000;

    struct Failure {
        unsigned status_code = 0;
        std::string_view code;
        std::string_view message;
        std::string_view custom_id;
        std::uint64_t line_number = 0;
    };
    void add(const Failure& failure);
    ErrorGroups take();

private:
    std::map<std::string, ErrorGroup> groups_;  // by what makes a reason
    std::uint64_t others_ = 0;
};

/// Of the lines of an errors.jsonl. A line that does not say why counts among those without code and message.
/// Blocking, and it reads the whole file. Errors: errno.
Result<ErrorGroups> group_errors(const Path& file);

}  // namespace batchd::report
