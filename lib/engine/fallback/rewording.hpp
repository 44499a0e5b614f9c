#pragma once

#include "base/disk/file.hpp"
#include "engine/terms/terms.hpp"
#include "jsonl/request/request_rules.hpp"

/// What was prepared for one provider, in the words of another.
namespace batchd::engine {

/// What is to be sent to the job's fallback for what its own provider was sent: the models that users write
/// and the urls may have other names here and there. Pure. `terms` has a fallback.
jsonl::RequestDefaults rewording(const Terms& terms);

/// Rewrites a row file so, in its place; nothing happens where the rules change nothing. Not to be done twice
/// with the same rows. Blocks. Errors: errno; corrupt when it is not as it was written.
Result<void> reword_rows(const Path& rows, const jsonl::RequestDefaults& rules);

}  // namespace batchd::engine
