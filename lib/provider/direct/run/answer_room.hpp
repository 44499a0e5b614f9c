#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/async/turnstile.hpp"
#include "base/clock.hpp"

namespace batchd::provider::direct {

/// The memory that the answers of an account may take, from their first byte until their lines are durable.
/// What is short in each of the requests in flight is never held up; of what is longer, two at a time are
/// read to their ends, and the servers of the others wait with the rest. I/O thread only; must outlive its
/// holds.
class AnswerRoom {
public:
    /// Of the account, whatever the number of requests in flight.
    static constexpr unsigned kLongAtOnce = 2;
    /// Bytes of short answers that are read at the same time, divided among the requests that may be in
    /// flight.
    static constexpr std::size_t kShortBytesInAll = 64 * 1024 * 1024;
    /// A longer one is never short, however few are in flight.
    static constexpr std::size_t kShortBytesMax = 1024 * 1024;
    static constexpr std::uint64_t kWaitingBytesMax = 32 * 1024 * 1024;

    AnswerRoom(boost::asio::any_io_executor executor, Clock& clock)
        : long_ones_(std::move(executor), kLongAtOnce), clock_(clock) {}

    /// One answer.
    class Hold {
    public:
        explicit Hold(AnswerRoom& room) : room_(room) {}
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold() { room_.waiting_bytes_ -= line_bytes_; }

        /// Waits until there is room for more of a body of which there are `bytes`.
        boost::asio::awaitable<void> more(std::uint64_t bytes, unsigned in_flight_max) {
            const std::size_t share = kShortBytesInAll / std::max(in_flight_max, 1U);
            if (place_ || bytes < std::min(share, kShortBytesMax)) co_return;
            waits_since_ = room_.clock_.uptime();
            place_.emplace(co_await room_.long_ones_.enter());
            waited_ = waited();
            waits_since_.reset();
        }
        /// How long it has waited so far: none of that is the server's time.
        Millis waited() const {
            return waits_since_ ? waited_ + room_.clock_.uptime() - *waits_since_ : waited_;
        }
        /// It has become a line of so many bytes, which waits to be durable.
        void becomes_line(std::uint64_t bytes) {
            line_bytes_ = bytes;
            room_.waiting_bytes_ += bytes;
        }

    private:
        AnswerRoom& room_;
        std::optional<Turnstile::Pass> place_;
        std::optional<Millis> waits_since_;
        Millis waited_{};
        std::uint64_t line_bytes_ = 0;
    };

    /// The disk does not keep up: a request that ends now leaves its place in flight only when its line is
    /// durable.
    bool is_full() const { return waiting_bytes_ > kWaitingBytesMax; }

private:
    Turnstile long_ones_;
    Clock& clock_;
    std::uint64_t waiting_bytes_ = 0;  // of lines that are not durable yet
};

}  // namespace batchd::provider::direct
