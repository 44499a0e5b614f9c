#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace batchd::http {

/// Tells a download that crawls from one that is merely slow. A peer that sends a little now and then never
/// runs into a time limit, and would keep a place for days. Pure; times are Clock::uptime().
class Crawl {
public:
    static constexpr Millis kWindow = std::chrono::minutes(2);
    static constexpr std::uint64_t kBytesMin = 256 * 1024;  ///< in a window: two kilobytes a second

    explicit Crawl(Millis begun) : since_(begun) {}
    /// So many bytes have come in all. True: too few of them in the last window.
    bool is_too_slow(Millis now, std::uint64_t bytes) {
        // Looked at once a window, so that a short pause in a fast download is none.
        if (now - since_ < kWindow) return false;
        const bool is_slow = bytes - before_ < kBytesMin;
        since_ = now;
        before_ = bytes;
        return is_slow;
    }

private:
    Millis since_;
    std::uint64_t before_ = 0;
};

}  // namespace batchd::http
