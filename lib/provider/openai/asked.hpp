#pragma once

#include <optional>
#include <utility>

#include "base/units.hpp"
#include "http/client.hpp"
#include "provider/provider.hpp"

/// What a call is made with, and what comes of it.
namespace batchd::provider {

/// The time for a look at one object, and what has to come in such a time for it to go on.
inline constexpr Millis kLookMax = std::chrono::seconds(10);
inline constexpr std::uint64_t kLookBytesMin = 64 * 1024;

/// What a turn keeps of the client.
struct PlaceHold final : Turn::Hold {
    explicit PlaceHold(http::Client::Place given) : place(std::move(given)) {}
    std::optional<http::Client::Place> place;
};

/// None where the turn is an empty one.
inline std::optional<http::Client::Place> place_of(Turn& turn) {
    auto* const hold = static_cast<PlaceHold*>(turn.hold());
    return hold == nullptr ? std::nullopt : std::exchange(hold->place, std::nullopt);
}

/// An answer as it came.
template <class T>
struct Asked {
    Answer<T> answer = Failure();
    unsigned status = 0;
    bool is_too_much = false;  ///< it broke off, or holds more than is kept: a part of it may be had
};

}  // namespace batchd::provider
