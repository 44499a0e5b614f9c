#pragma once

#include <set>
#include <vector>

#include <linux/filter.h>

#include "torture/system_call.hpp"

namespace batchd::torture {

/// A seccomp program that shows the calls with these effects to the tracer and lets all others pass.
class CallFilter {
public:
    explicit CallFilter(const std::set<Effect>& effects);
    /// For the process itself and all that it starts. Makes system calls only, so that it may run between
    /// fork and exec. False, with errno, when the kernel refuses.
    bool install() const;

private:
    std::vector<sock_filter> program_;
};

}  // namespace batchd::torture
