#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd {

/// SHA-256, in pieces. Source: FIPS 180-4, by OpenSSL.
class Sha256 {
public:
    Sha256();
    void update(std::string_view bytes);
    /// The digest as 64 hexadecimal digits. The object is spent afterwards.
    std::string hex();

private:
    struct Free {
        void operator()(void* context) const noexcept;
    };
    std::unique_ptr<void, Free> context_;
};

/// Of the whole file, wherever the descriptor stands, as 64 hexadecimal digits. `stop` is looked at with
/// every block. Errors: errno; operation_canceled when it was stopped.
Result<std::string> sha256_of(int fd, const std::stop_token& stop = {});

/// 128 bits that stand for a string: the first half of its SHA-256, so that nobody can make two that are
/// equal.
using Digest128 = std::array<std::uint64_t, 2>;
/// Of bytes in memory, at once.
Digest128 digest128(std::string_view bytes);

}  // namespace batchd
