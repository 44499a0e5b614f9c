#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchd::sim {

/// A number that stands for `text` under `seed`, the same in every run: the source of everything drawn by
/// lot.
std::uint64_t seeded_hash(std::uint64_t seed, std::string_view text);

/// seeded_hash as a share in [0, 1).
double seeded_share(std::uint64_t seed, std::string_view text);

/// `digits` random hexadecimal digits, different in every run: ids must never repeat, not even across
/// restarts.
std::string random_hex(std::size_t digits);

/// `length` random letters and digits, as in a file id.
std::string random_alphanumerics(std::size_t length);

}  // namespace batchd::sim
