#pragma once

#include "base/result.hpp"

namespace batchd {

/// Hands over what was printed to standard output. Errors: errno; once something could not be written, the
/// same again.
Result<void> flush_output();

/// The last act of a command: false, and said on standard error, where not all that it printed could be
/// written. A reader that has seen enough and is gone (`| head`) misses nothing.
bool finish_output();

}  // namespace batchd
