#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/units.hpp"

namespace batchd::control {

/// What is asked of GET /v1/notices.
struct NoticesQuery {
    std::int64_t after = 0;  ///< notices with a higher id
    Millis wait{0};          ///< how long to wait for the first, a minute at most
    std::string target;      ///< whose begin is asked for as well; "": nobody's
    std::string key{};       ///< of the notice `after`, by which another database is known; "": not known
    std::optional<TimePoint> at{};  ///< when that became true, or was seen

    friend bool operator==(const NoticesQuery&, const NoticesQuery&) = default;
};

/// Reads "after=12&key=msg_0&at=2026-11-28T00:00:00Z&wait=30&target=next", in any order, each optional;
/// `wait` is in seconds. Nothing for anything else.
std::optional<NoticesQuery> parse_notices_query(std::string_view query);

/// The path for it, "/v1/notices?after=12…".
std::string notices_path(const NoticesQuery& query);

}  // namespace batchd::control
