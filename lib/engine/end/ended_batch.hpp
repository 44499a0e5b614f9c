#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/error_line.hpp"
#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

/// What is to be done with a batch that has ended. Pure.
namespace batchd::engine {

/// Attempts of one shard in a row that validation may refuse before its requests are given up: a validation
/// that names one line at a time should not keep us uploading for ever.
inline constexpr std::uint64_t kSetbacksMax = 100;
/// Likewise when the provider says that it can't find the file it has just taken, or fails a batch by a fault
/// of its own.
inline constexpr std::uint64_t kLostFilesMax = 5;
inline constexpr std::uint64_t kServerFaultsMax = 5;
/// Failed batches of one job after which no shard of it is halved any more.
inline constexpr std::uint64_t kFailedBatchesMax = 64;

/// What becomes of it. Each kind is done by a function of the collector.
struct Ending {
    enum class Kind {
        answers,       ///< fetch its files and match the rows
        withdrawn,     ///< it was never submitted: its job was cancelled
        set_aside,     ///< validation named lines: they fail, the rest goes again
        halve,         ///< something in it is wrong that nobody names: each half by itself
        wait_turn,     ///< too many tokens enqueued: the same again, later
        too_large,     ///< more tokens than may be enqueued, by itself: in smaller parts
        wait_paid,     ///< the account can't pay: the same again, when somebody has acted
        upload_again,  ///< the provider lost the file: the same again, with a new upload
        same_again,    ///< the provider failed: the same again, later
        give_up,       ///< nothing of it can be run: every request fails, and so does the job
        elsewhere      ///< not here: its requests go to the queue's fallback, but for `lines`, which fail
    };
    Kind kind = Kind::answers;
    std::optional<std::uint64_t> token_limit;  ///< wait_turn, too_large: what the provider named
    std::map<std::uint64_t, jsonl::LineError>
        lines{};               ///< set_aside, elsewhere: by line of the uploaded file, 1-based
    jsonl::LineError error{};  ///< give_up: what each request fails with
};

/// What requests fail with that a person has given up. `batch_id`: the provider's, or "".
jsonl::LineError was_abandoned(const std::string& batch_id);

/// Our verdict on the batch; where a row of an earlier version has none, what its status says.
store::Outcome outcome_of(const store::Batch& batch);

/// True where nothing of it ran as far as anybody says: it was never at the provider, or failed there without
/// a file or an answer.
bool says_that_nothing_ran(const store::Batch& batch);

/// Judges a batch that has ended. `errors` are those of its validation, empty for any other end;
/// `failed_batches` is how many batches of its job have failed so far, this one included; `has_fallback` says
/// whether there is another provider for what this one can't run.
Ending judge(const store::Batch& batch, const std::vector<provider::ValidationError>& errors,
             std::uint64_t failed_batches, bool has_fallback = false);

/// The same for a batch that `failed` and of which nothing ran, whatever files it names.
Ending judge_failure(const store::Batch& batch, std::vector<provider::ValidationError> errors,
                     std::uint64_t failed_batches, bool has_fallback = false);

}  // namespace batchd::engine
