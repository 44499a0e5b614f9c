#include "torture/call_filter.hpp"

#include <cstddef>

#include <sys/prctl.h>

#include <linux/seccomp.h>

namespace batchd::torture {
namespace {

sock_filter instruction(int code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    return {static_cast<std::uint16_t>(code), if_true, if_false, value};
}

}  // namespace

CallFilter::CallFilter(const std::set<Effect>& effects) {
    program_.push_back(instruction(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    for (const SystemCall* call : calls_with(effects)) {
        program_.push_back(
            instruction(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call->number), 0, 1));
        program_.push_back(instruction(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
    }
    program_.push_back(instruction(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

bool CallFilter::install() const {
    const sock_fprog program{static_cast<unsigned short>(program_.size()),
                             const_cast<sock_filter*>(program_.data())};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace batchd::torture
