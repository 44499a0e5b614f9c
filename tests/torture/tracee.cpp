#include "torture/tracee.hpp"

#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "torture/traced_process.hpp"

namespace batchd::torture {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string link_target(pid_t thread, const std::string& entry) {
    std::error_code ec;
    const auto target = std::filesystem::read_symlink("/proc/" + std::to_string(thread) + "/" + entry, ec);
    return ec ? std::string() : target.string();
}

std::string descriptor_target(pid_t thread, std::uint64_t descriptor) {
    const int fd = static_cast<int>(descriptor);
    if (fd == AT_FDCWD) return link_target(thread, "cwd");
    return fd < 0 ? std::string() : link_target(thread, "fd/" + std::to_string(fd));
}

std::string read_text(pid_t thread, std::uint64_t address) {
    std::string text;
    while (text.size() < PATH_MAX) {
        // Up to the end of the page: the next one need not be there.
        const std::size_t size = 256 - (address + text.size()) % 256;
        const std::string piece = read_memory(thread, address + text.size(), size);
        const std::size_t end = piece.find('\0');
        text += piece.substr(0, end);
        if (end != std::string::npos) break;
    }
    return text;
}

/// A path that leads through one of the process's own descriptors, by the name of what that is open on.
std::filesystem::path through_descriptor(pid_t thread, const std::filesystem::path& path) {
    const std::string text = path.string();
    constexpr std::string_view kOwn = "/proc/self/";
    if (!text.starts_with("/proc/self/fd/")) return path;
    const std::size_t end = text.find('/', std::string_view("/proc/self/fd/").size());
    if (end == std::string::npos) return path;
    return link_target(thread, text.substr(kOwn.size(), end - kOwn.size())) + text.substr(end);
}

std::string path_at(pid_t thread, std::uint64_t directory, std::uint64_t address) {
    const std::filesystem::path path = address == 0 ? std::string() : read_text(thread, address);
    if (path.is_absolute()) return through_descriptor(thread, path).lexically_normal().string();
    const std::filesystem::path base = descriptor_target(thread, directory);
    return (path.empty() ? base : base / path).lexically_normal().string();
}

std::uint64_t directory_of(const Call& call, int place) {
    return place >= 0 ? call.arguments[static_cast<std::size_t>(place)]
                      : static_cast<std::uint64_t>(AT_FDCWD);
}

void find_targets(Call& call) {
    const SystemCall& what = *call.what;
    const auto argument = [&](int place) { return call.arguments[static_cast<std::size_t>(place)]; };
    if (what.fd >= 0) call.target = descriptor_target(call.thread, argument(what.fd));
    if (what.path >= 0)
        call.target = path_at(call.thread, directory_of(call, what.directory), argument(what.path));
    if (what.other_path >= 0)
        call.other =
            path_at(call.thread, directory_of(call, what.other_directory), argument(what.other_path));
}

#ifdef __x86_64__
user_regs_struct registers(pid_t thread) {
    user_regs_struct all{};
    if (ptrace(PTRACE_GETREGS, thread, nullptr, &all) != 0) fail("read registers");
    return all;
}

void set_registers(pid_t thread, user_regs_struct& all) {
    if (ptrace(PTRACE_SETREGS, thread, nullptr, &all) != 0) fail("write registers");
}
#endif

}  // namespace

std::string read_memory(pid_t thread, std::uint64_t address, std::size_t size) {
    std::string bytes(size, '\0');
    const iovec here{bytes.data(), size};
    const iovec there{reinterpret_cast<void*>(address), size};
    if (process_vm_readv(thread, &here, 1, &there, 1, 0) != static_cast<ssize_t>(size)) fail("read memory");
    return bytes;
}

#ifdef __x86_64__

Call read_call(pid_t thread) {
    const user_regs_struct all = registers(thread);
    Call call;
    call.what = find_system_call(static_cast<long>(all.orig_rax));
    call.thread = thread;
    call.arguments = {all.rdi, all.rsi, all.rdx, all.r10, all.r8, all.r9};
    if (call.what != nullptr) find_targets(call);
    return call;
}

std::int64_t read_answer(pid_t thread) {
    return static_cast<std::int64_t>(registers(thread).rax);
}

void answer_with_error(pid_t thread, int error) {
    user_regs_struct all = registers(thread);
    all.orig_rax = ~0ULL;  // no call
    all.rax = static_cast<unsigned long long>(-static_cast<std::int64_t>(error));
    set_registers(thread, all);
}

void change_size(pid_t thread, std::uint64_t size) {
    user_regs_struct all = registers(thread);
    all.rdx = size;
    set_registers(thread, all);
}

#else
// Reading works everywhere (PTRACE_GET_SYSCALL_INFO), changing is known for one kind of machine only.
Call read_call(pid_t) {
    throw std::system_error(ENOSYS, std::generic_category(), "only on x86-64");
}
std::int64_t read_answer(pid_t) {
    return 0;
}
void answer_with_error(pid_t, int) {}
void change_size(pid_t, std::uint64_t) {}
#endif

}  // namespace batchd::torture
