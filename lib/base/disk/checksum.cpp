#include "base/disk/checksum.hpp"

#include <new>

#define XXH_INLINE_ALL  // the whole of it is in the header, so nothing more is linked
#include <xxhash.h>

namespace batchd {

std::uint64_t checksum64(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

void Checksum64::Free::operator()(void* state) const noexcept {
    XXH3_freeState(static_cast<XXH3_state_t*>(state));
}

Checksum64::Checksum64() : state_(XXH3_createState()) {
    if (!state_) throw std::bad_alloc();
    XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_.get()));
}

void Checksum64::update(std::string_view bytes) {
    XXH3_64bits_update(static_cast<XXH3_state_t*>(state_.get()), bytes.data(), bytes.size());
}

std::uint64_t Checksum64::value() const {
    return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_.get()));
}

}  // namespace batchd
