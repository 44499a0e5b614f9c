#include "system/small_disk.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <sys/mount.h>

namespace batchd::testing {

SmallDisk::SmallDisk(Path on, std::uint64_t size_bytes) : on_(std::move(on)) {
    std::filesystem::create_directories(on_);
    const std::string options = "size=" + std::to_string(size_bytes);
    if (::mount("tmpfs", on_.c_str(), "tmpfs", 0, options.c_str()) != 0)
        why_ = std::string("this machine lets us mount nothing: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
    // Lazily: the daemon may still have files open.
    if (is_mounted()) ::umount2(on_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() {
    for (const std::size_t size : {std::size_t{1024 * 1024}, std::size_t{4096}}) {
        std::ofstream file(ballast(), std::ios::binary | std::ios::app);
        const std::vector<char> block(size, 'x');
        while (file.write(block.data(), static_cast<std::streamsize>(size)).flush()) {
        }
    }
}

void SmallDisk::free() {
    std::filesystem::remove(ballast());
}

bool SmallDisk::remount(Access access) {
    unsigned long flags = MS_REMOUNT;
    if (access == Access::read_only) flags |= MS_RDONLY;
    return ::mount(nullptr, on_.c_str(), nullptr, flags, nullptr) == 0;
}

}  // namespace batchd::testing
