#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "engine/deliver/shared_pieces.hpp"
#include "spool/layout.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/jobs.hpp"

/// The folder of an ended job. Blocking; for the pool.
namespace batchd::engine {

/// A job whose batches are all collected, with the state in which it will end.
struct Delivery {
    store::Job job;
    std::vector<store::Batch> batches;
    /// Those of them that it shares with others, and where their files are.
    std::vector<SharedPiece> shared{};
    /// There is more behind what was read of the input file: it is not part of this job's folder.
    bool input_has_grown = false;
    /// It is nowhere: the answers are delivered without it.
    bool input_is_gone = false;
    /// It was never sent, or files of its answers or errors are missing and it was cancelled: what there is
    /// is delivered, and its reason says what happened.
    bool lacks_pieces = false;
    /// See reserved_names().
    std::set<std::string> reserved{};
};

/// The first file of the job's answers and errors that is missing in work/: somebody removed it.
/// Errors: errno.
Result<std::optional<Path>> find_missing_piece(const spool::Layout& layout, const Delivery& delivery);

/// True when the job's input is neither in the work directory nor in a folder of it in `outbox`, built or
/// published: an old copy of the state was put back after the folder had been moved away. Errors: errno.
Result<bool> is_input_gone(const spool::Layout& layout, const Path& outbox, const store::Job& job);

/// The row files with the answers of the job. Errors: errno.
Result<std::vector<Path>> answer_pieces(const spool::Layout& layout, const Delivery& delivery);

/// The state in which a job ends: cancelled when requests have no answer because somebody asked for that;
/// else failed when it has a reason or no request was answered.
store::JobState final_state(const Delivery& delivery);

/// What all failed requests of the job have in common; "" where that is nothing. Errors: as shared_reason().
Result<std::string> reason_of_failures(const spool::Layout& layout, const Delivery& delivery);

/// Builds the folder in `outbox` out of the files in the work directory, and publishes it: output.jsonl,
/// errors.jsonl and unreadable.jsonl if there are any, job.json, input.jsonl. Answers its name. A folder that
/// an earlier run has published is found again. Errors: errno; corrupt when the answers and errors are not
/// exactly one a request: then nothing is published.
Result<std::string> deliver(const spool::Layout& layout, const Path& outbox, const Delivery& delivery);

}  // namespace batchd::engine
