#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace batchd {

/// 64 bits that tell whether bytes are still what they were. It finds accidents and not forgers, for it is
/// many times as fast as a digest. Source: XXH3, https://github.com/Cyan4973/xxHash, by libxxhash.
std::uint64_t checksum64(std::string_view bytes);

/// The same, in pieces.
class Checksum64 {
public:
    Checksum64();
    void update(std::string_view bytes);
    /// Of all so far; more may follow.
    std::uint64_t value() const;

private:
    struct Free {
        void operator()(void* state) const noexcept;
    };
    std::unique_ptr<void, Free> state_;
};

}  // namespace batchd
