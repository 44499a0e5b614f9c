#pragma once

#include <vector>

#include <fcntl.h>

#include "base/disk/file.hpp"
#include "http/content/form_content.hpp"

namespace batchd::http {

/// A file of the disk, as it was long when it was opened.
class FileContent final : public FormContent {
public:
    static OpenContent of(const Path& path) {
        return [path]() -> Result<std::unique_ptr<FormContent>> {
            auto fd = open_file(path, O_RDONLY);
            if (!fd) return fd.error();
            return std::make_unique<FileContent>(std::move(*fd), std::filesystem::file_size(path));
        };
    }
    FileContent(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

    std::uint64_t size_bytes() const override { return size_; }
    Result<std::string_view> next() override {
        const auto got = read_some(fd_.get(), block_.data(), block_.size());
        if (!got) return got.error();
        return std::string_view(block_.data(), *got);
    }

private:
    UniqueFd fd_;
    std::uint64_t size_;
    std::vector<char> block_ = std::vector<char>(64 * 1024);
};

}  // namespace batchd::http
