#include "sim/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace batchd::sim {

Result<MappedFile> MappedFile::open(const Path& path) {
    auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    struct stat info{};
    if (fstat(fd->get(), &info) != 0) return system_failure(path.string());
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0) return MappedFile(std::string_view());
    void* const at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd->get(), 0);
    if (at == MAP_FAILED) return system_failure(path.string());
    madvise(at, size, MADV_SEQUENTIAL);
    return MappedFile({static_cast<const char*>(at), size});
}

MappedFile::~MappedFile() {
    if (bytes_.empty()) return;
    void* const at = const_cast<char*>(bytes_.data());  // munmap takes what mmap gave
    munmap(at, bytes_.size());
}

}  // namespace batchd::sim
