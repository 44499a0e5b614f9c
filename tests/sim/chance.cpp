#include "sim/chance.hpp"

#include <random>

namespace batchd::sim {
namespace {

std::uint64_t mixed(std::uint64_t x) {  // the finalizer of SplitMix64
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

std::string random_from(std::string_view alphabet, std::size_t length) {
    thread_local std::mt19937_64 engine{(static_cast<std::uint64_t>(std::random_device{}()) << 32U) |
                                        std::random_device{}()};
    std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
    std::string text(length, '0');
    for (char& c : text) c = alphabet[pick(engine)];
    return text;
}

}  // namespace

std::uint64_t seeded_hash(std::uint64_t seed, std::string_view text) {
    std::uint64_t hash = mixed(seed + 0x9e3779b97f4a7c15U);
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;  // FNV-1a
    return mixed(hash);
}

double seeded_share(std::uint64_t seed, std::string_view text) {
    return static_cast<double>(seeded_hash(seed, text) >> 11U) * 0x1.0p-53;
}

std::string random_hex(std::size_t digits) {
    return random_from("0123456789abcdef", digits);
}

std::string random_alphanumerics(std::size_t length) {
    return random_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", length);
}

}  // namespace batchd::sim
