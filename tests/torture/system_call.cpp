#include "torture/system_call.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/syscall.h>

#include "torture/traced_process.hpp"

namespace batchd::torture {
namespace {

constexpr SystemCall by_fd(long number, const char* name, Effect effect) {
    return {.number = number, .name = name, .effect = effect, .fd = 0};
}

constexpr SystemCall by_path(long number, const char* name, Effect effect) {
    return {.number = number, .name = name, .effect = effect, .path = 0};
}

constexpr SystemCall at(long number, const char* name, Effect effect) {
    return {.number = number, .name = name, .effect = effect, .directory = 0, .path = 1};
}

constexpr SystemCall at_two(long number, const char* name, Effect effect) {
    return {.number = number,
            .name = name,
            .effect = effect,
            .directory = 0,
            .path = 1,
            .other_directory = 2,
            .other_path = 3};
}

constexpr SystemCall plain(long number, const char* name, Effect effect) {
    return {.number = number, .name = name, .effect = effect};
}

// What glibc, libstdc++, SQLite, Asio and OpenSSL make use of. Older forms exist on some machines only.
constexpr SystemCall kCalls[] = {
    at(SYS_openat, "openat", Effect::open),
    by_fd(SYS_write, "write", Effect::write),
    by_fd(SYS_pwrite64, "pwrite64", Effect::write),
    by_fd(SYS_writev, "writev", Effect::write),
    by_fd(SYS_pwritev, "pwritev", Effect::write),
    by_fd(SYS_ftruncate, "ftruncate", Effect::truncate),
    by_path(SYS_truncate, "truncate", Effect::truncate),
    by_fd(SYS_fallocate, "fallocate", Effect::truncate),
    by_fd(SYS_copy_file_range, "copy_file_range", Effect::write),
    by_fd(SYS_sendfile, "sendfile", Effect::write),
    by_fd(SYS_fsync, "fsync", Effect::sync),
    by_fd(SYS_fdatasync, "fdatasync", Effect::sync),
    by_fd(SYS_syncfs, "syncfs", Effect::sync),
    at_two(SYS_renameat2, "renameat2", Effect::rename),
    at_two(SYS_renameat, "renameat", Effect::rename),
    at(SYS_unlinkat, "unlinkat", Effect::remove),
    at(SYS_mkdirat, "mkdirat", Effect::make_directory),
    at_two(SYS_linkat, "linkat", Effect::link),
    {.number = SYS_symlinkat, .name = "symlinkat", .effect = Effect::symlink, .directory = 1, .path = 2},
    at(SYS_utimensat, "utimensat", Effect::set_times),
    by_fd(SYS_connect, "connect", Effect::connect),
    by_fd(SYS_sendto, "sendto", Effect::send),
    by_fd(SYS_sendmsg, "sendmsg", Effect::send),
    by_fd(SYS_read, "read", Effect::read),
    by_fd(SYS_pread64, "pread64", Effect::read),
    by_fd(SYS_readv, "readv", Effect::read),
    by_fd(SYS_recvfrom, "recvfrom", Effect::receive),
    by_fd(SYS_recvmsg, "recvmsg", Effect::receive),
    by_fd(SYS_getdents64, "getdents64", Effect::look),
    by_fd(SYS_fstat, "fstat", Effect::look),
    at(SYS_newfstatat, "newfstatat", Effect::look),
    at(SYS_statx, "statx", Effect::look),
    by_fd(SYS_fcntl, "fcntl", Effect::lock),
    by_fd(SYS_flock, "flock", Effect::lock),
    plain(SYS_socket, "socket", Effect::acquire),
    plain(SYS_epoll_create1, "epoll_create1", Effect::acquire),
    plain(SYS_eventfd2, "eventfd2", Effect::acquire),
    plain(SYS_timerfd_create, "timerfd_create", Effect::acquire),
    plain(SYS_pipe2, "pipe2", Effect::acquire),
    plain(SYS_inotify_init1, "inotify_init1", Effect::acquire),
    {.number = SYS_inotify_add_watch, .name = "inotify_add_watch", .effect = Effect::acquire, .path = 1},
    {.number = SYS_mmap, .name = "mmap", .effect = Effect::map, .fd = 4},
#ifdef SYS_open
    by_path(SYS_open, "open", Effect::open),
    by_path(SYS_creat, "creat", Effect::open),
    {.number = SYS_rename, .name = "rename", .effect = Effect::rename, .path = 0, .other_path = 1},
    {.number = SYS_link, .name = "link", .effect = Effect::link, .path = 0, .other_path = 1},
    {.number = SYS_symlink, .name = "symlink", .effect = Effect::symlink, .path = 1},
    by_path(SYS_unlink, "unlink", Effect::remove),
    by_path(SYS_rmdir, "rmdir", Effect::remove_directory),
    by_path(SYS_mkdir, "mkdir", Effect::make_directory),
    by_path(SYS_stat, "stat", Effect::look),
    by_path(SYS_lstat, "lstat", Effect::look),
#endif
};

bool creates(const Call& call) {
    const auto flags = call.arguments[call.what->directory == 0 ? 2 : 1];
    return call.what->effect == Effect::open && (flags & O_CREAT) != 0;
}

/// Taking a lock can fail; letting it go can't, on a local disk.
bool takes_lock(const Call& call) {
    if (call.what->number == SYS_flock) return true;
    const auto command = call.arguments[1];
    if (command != F_SETLK && command != F_OFD_SETLK) return false;
    const std::string raw = read_memory(call.thread, call.arguments[2], sizeof(struct flock));
    struct flock lock{};
    raw.copy(reinterpret_cast<char*>(&lock), sizeof lock);
    return lock.l_type != F_UNLCK;
}

}  // namespace

const std::set<Effect>& lasting_effects() {
    static const std::set<Effect> effects{
        Effect::open,   Effect::write,   Effect::truncate,         Effect::sync,
        Effect::rename, Effect::remove,  Effect::remove_directory, Effect::make_directory,
        Effect::link,   Effect::symlink, Effect::set_times,        Effect::connect,
        Effect::send};
    return effects;
}

const std::set<Effect>& all_effects() {
    static const std::set<Effect> effects = [] {
        std::set<Effect> all = lasting_effects();
        all.insert({Effect::read, Effect::receive, Effect::look, Effect::lock, Effect::acquire, Effect::map});
        return all;
    }();
    return effects;
}

std::vector<const SystemCall*> calls_with(const std::set<Effect>& effects) {
    std::vector<const SystemCall*> calls;
    for (const SystemCall& call : kCalls)
        if (effects.contains(call.effect)) calls.push_back(&call);
    return calls;
}

const SystemCall* find_system_call(long number) {
    const auto* const found = std::find_if(std::begin(kCalls), std::end(kCalls),
                                           [&](const SystemCall& call) { return call.number == number; });
    return found == std::end(kCalls) ? nullptr : found;
}

bool is_socket(const std::string& target) {
    return target.starts_with("socket:");
}

std::string to_string(const Call& call) {
    std::string text = std::string(call.what->name) + " " + (is_socket(call.target) ? "socket" : call.target);
    return call.other.empty() ? text : text + " " + call.other;
}

std::vector<int> errors_of(const Call& call) {
    switch (call.what->effect) {
        case Effect::open:
            if (creates(call)) return {EIO, EMFILE, ENOSPC};
            return {EIO, EMFILE};
        case Effect::write:
        case Effect::truncate:
        case Effect::sync:
        case Effect::rename:
        case Effect::link:
        case Effect::symlink:
        case Effect::make_directory:
            return {EIO, ENOSPC};
        case Effect::remove:
        case Effect::remove_directory:
        case Effect::set_times:
        case Effect::look:
            return {EIO};
        case Effect::read:
            if (is_socket(call.target)) return {ECONNRESET};
            return {EIO};
        case Effect::connect:
            return {ECONNREFUSED, ENETUNREACH};
        case Effect::send:
            return {EPIPE, ENOBUFS};
        case Effect::receive:
            return {ECONNRESET};
        case Effect::lock:
            if (takes_lock(call)) return {EIO, ENOLCK};
            return {};
        case Effect::acquire:
            return {EMFILE};
        case Effect::map:
            return {ENOMEM};
    }
    return {};
}

}  // namespace batchd::torture
