#include "base/disk/fd.hpp"

#include <unistd.h>

namespace batchd {

void UniqueFd::reset(int fd) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

}  // namespace batchd
