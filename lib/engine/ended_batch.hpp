#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/error_line.hpp"
#include "provider/provider.hpp"
#include "store/batches.hpp"

/// What is to be done with a batch that has ended. Pure.
namespace batchd::engine {

/// Attempts of one shard in a row that validation may refuse before its requests are given up: a validation
/// that names one line at a time should not keep us uploading for ever.
inline constexpr std::uint64_t kSetbacksMax = 100;
/// Likewise when the provider says that it can't find the file it has just taken.
inline constexpr std::uint64_t kLostFilesMax = 5;

struct Ending {
    enum class Kind {
        answers,       ///< fetch its files and match the rows
        set_aside,     ///< validation named lines: they fail, the rest goes again
        wait_turn,     ///< too many tokens enqueued: the same again, later
        too_large,     ///< more tokens than may be enqueued, by itself: in smaller parts
        wait_paid,     ///< the account can't pay: the same again, when somebody has acted
        upload_again,  ///< the provider lost the file: the same again, with a new upload
        give_up        ///< nothing of it can be run: every request fails, and so does the job
    };
    Kind kind = Kind::answers;
    std::optional<std::uint64_t> token_limit;         ///< wait_turn, too_large: what the provider named
    std::map<std::uint64_t, jsonl::LineError> lines;  ///< set_aside: by line of the uploaded file, 1-based
    jsonl::LineError error;                           ///< give_up: what each request fails with
};

/// Judges a batch that ended in `batch.status`; `errors` are those of its validation, empty for any other
/// end.
Ending judge(const store::Batch& batch, const std::vector<provider::ValidationError>& errors);

}  // namespace batchd::engine
