#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace batchd::server {

/// What a client may cost. Nobody waits for a client for longer, and nothing of one is kept beyond it.
struct Limits {
    std::size_t connections_max = 64;
    std::size_t head_bytes_max = 16 * 1024;
    std::uint64_t body_bytes_max = 64 * 1024;
    Millis head_time = std::chrono::seconds(10);   ///< from its first byte to its end
    Millis idle_time = std::chrono::seconds(60);   ///< between two requests of a connection
    Millis body_time = std::chrono::seconds(20);   ///< without a byte of the body
    Millis write_time = std::chrono::seconds(20);  ///< for 64 KiB of an answer
    std::uint64_t bytes_a_second_min = 1024;       ///< of a body, on average, once its time has passed
    /// For a client to read why it is hung up on: without a byte of what it still sends, and in all.
    Millis linger_time = std::chrono::seconds(2);
    Millis linger_time_max = std::chrono::seconds(30);
};

}  // namespace batchd::server
