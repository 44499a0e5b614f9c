#include "support/without_root.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <unistd.h>

namespace batchd::testing {
namespace {

constexpr uid_t kNobody = 65534;

}  // namespace

WithoutRoot::WithoutRoot(const std::vector<Path>& own) : was_root_(::geteuid() == 0) {
    if (!was_root_) return;
    for (const Path& path : own)
        if (::chown(path.c_str(), kNobody, kNobody) != 0)
            throw std::system_error(errno, std::generic_category(), "chown " + path.string());
    if (::seteuid(kNobody) != 0) throw std::system_error(errno, std::generic_category(), "seteuid");
}

WithoutRoot::~WithoutRoot() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
}

}  // namespace batchd::testing
