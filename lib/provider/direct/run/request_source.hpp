#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "provider/direct/journal/replay.hpp"

namespace batchd::provider::direct {

/// One request of a run, ready to be sent.
struct RowRequest {
    std::uint64_t row = 0;       ///< number of its line in the input
    std::string custom_id_json;  ///< with its quotes
    std::string url;             ///< "/v1/chat/completions"
    std::string body;            ///< a JSON object, as it is sent
    std::uint64_t tokens = 0;    ///< what it will use, by estimate, its answer included
    /// Why it can't be sent, for people; "" where it can. Only row and custom_id_json are known then, and the
    /// latter is "null" where nobody can tell it.
    std::string damage{};
};

/// Where a run's requests come from.
class RequestSource {
public:
    virtual ~RequestSource() = default;
    /// The next one without an end in `done`, of a higher row than those before; nothing at the end. `done`
    /// is the same each time, and outlives the call. May throw operation_aborted.
    virtual boost::asio::awaitable<Result<std::optional<RowRequest>>> next(const Replay& done) = 0;
};

}  // namespace batchd::provider::direct
