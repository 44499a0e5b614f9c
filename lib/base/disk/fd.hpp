#pragma once

#include <utility>

namespace batchd {

/// Owns a file descriptor and closes it on destruction. -1 is "none".
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    /// Gives up ownership.
    int release() noexcept { return std::exchange(fd_, -1); }
    /// Closes the one that it has, and owns `fd` from now on. What close(2) answers is not looked at.
    void reset(int fd = -1) noexcept;

private:
    int fd_ = -1;
};

}  // namespace batchd
