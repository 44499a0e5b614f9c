#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "spool/layout.hpp"

/// What a job that batchd makes itself comes from, as its work directory says: the database may be lost, or
/// an old copy of it, and the same must not be made and paid a second time. Blocking.
namespace batchd::engine {

struct Origin {
    enum class Kind {
        retry,  ///< it sends failed requests of the first job again
        rest,   ///< it has what was appended to the file of the first job
        next,   ///< it is made of the answers of the first job
    };
    Kind kind = Kind::retry;
    std::string job_key;  ///< of the first job

    friend bool operator==(const Origin&, const Origin&) = default;
};

/// Notes it in the work directory of `key`, which is there; durable with the next file that is. Fine when it
/// is noted already. Errors: errno.
Result<void> note_origin(const spool::Layout& layout, std::string_view key, const Origin& origin);

/// Nothing for a job that somebody dropped, for one of an earlier version, and where the note can't be read.
std::optional<Origin> read_origin(const spool::Layout& layout, std::string_view key);

}  // namespace batchd::engine
