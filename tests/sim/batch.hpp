#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "sim/answers.hpp"
#include "sim/validation.hpp"

namespace batchd::sim {

enum class Status { validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled };

std::string_view to_string(Status status);
bool is_terminal(Status status);

/// The schedule that a batch was created under.
struct Plan {
    Millis validating{0}, in_progress{0}, finalizing{0}, cancelling{0};
    enum class End { completes, expires } end = End::completes;
    bool window_ends = true;  ///< whether the deadline ends it
    double done = 1;          ///< share of the rows that it gets to before it expires
};

/// What `POST /batches` asks for, after all checks.
struct CreateRequest {
    std::string input_file_id;
    std::string endpoint;
    std::string completion_window;
    std::optional<std::map<std::string, std::string>> metadata;
    std::optional<std::int64_t> output_expires_seconds;
};

/// A batch of the account.
struct Batch {
    std::string id;
    std::string account;       ///< whose it is
    std::uint64_t number = 0;  ///< 1 for the first; 0: planted
    CreateRequest request;
    Plan plan;
    TimePoint created_at{};
    std::int64_t expires_at = 0;  ///< Unix seconds
    Status status = Status::validating;
    std::optional<TimePoint> in_progress_at, finalizing_at, completed_at, failed_at, expired_at,
        cancelling_at, cancelled_at;
    TimePoint not_before{};      ///< no step before this; set when a step is forced
    std::string model;           ///< "" until validation has passed
    std::string answered_as;     ///< the endpoint of its lines, by OpenAI's name; likewise
    std::string sha256;          ///< of the input, likewise
    std::string enqueued_model;  ///< what the token limit counts for, known from the start
    std::uint64_t enqueued_tokens = 0;
    std::vector<LineError> errors;
    std::optional<std::string> output_file_id, error_file_id;
    std::uint64_t total = 0, completed = 0, failed = 0;
    Tokens tokens;
    /// Of somebody else, and made by a test: never runs; these members are shown instead of its own.
    std::shared_ptr<const boost::json::object> planted;
    bool listed_first = false;  ///< before all newer ones
};

/// The batch as the API shows it at `now`.
boost::json::object to_json(const Batch& batch, TimePoint now);

/// Share of the rows that a batch in progress has got to at `now`.
double progress(const Batch& batch, TimePoint now);

/// One change of status that time brings about.
struct Step {
    enum class Kind { validate, finalize, end, cancel } kind;
    TimePoint at;
};

/// The next step of `batch`; nothing for a terminal one.
std::optional<Step> next_step(const Batch& batch);

}  // namespace batchd::sim
