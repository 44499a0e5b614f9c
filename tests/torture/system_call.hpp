#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

namespace batchd::torture {

/// What a system call does, as far as a disk, a provider or a shortage is concerned.
enum class Effect {
    open,
    write,
    truncate,
    sync,
    rename,
    remove,
    remove_directory,
    make_directory,
    link,
    symlink,
    set_times,
    connect,
    send,
    // What follows changes nothing, but can fail.
    read,
    receive,
    look,     ///< at a file, a directory or its entries
    lock,     ///< a file
    acquire,  ///< a socket, a timer, a watch: a descriptor
    map       ///< memory
};

/// Those that leave something changed, on the disk or at the provider.
const std::set<Effect>& lasting_effects();
const std::set<Effect>& all_effects();

/// A system call of the kernel's table, with the places of its arguments; -1: it has none of that kind.
struct SystemCall {
    long number = 0;
    const char* name = "";
    Effect effect = Effect::look;
    int fd = -1;         ///< a descriptor that it works on
    int directory = -1;  ///< a descriptor that `path` starts from
    int path = -1;       ///< a pointer to a path
    int other_directory = -1;
    int other_path = -1;  ///< where a rename or link goes to
};

/// The calls with one of these effects.
std::vector<const SystemCall*> calls_with(const std::set<Effect>& effects);
/// Null for a number that is not in the table.
const SystemCall* find_system_call(long number);

/// A call that a traced thread is about to make.
struct Call {
    const SystemCall* what = nullptr;
    pid_t thread = 0;
    std::array<std::uint64_t, 6> arguments{};
    std::string target;  ///< the absolute path; "socket:[…]", "anon_inode:…" or "" for what has none
    std::string other;   ///< the second path
};

/// True for a target that is a socket.
bool is_socket(const std::string& target);
/// "pwrite64 /tmp/x/state/batchd.db-wal"
std::string to_string(const Call& call);

/// The errors with which a call may fail while the program is right: EIO, ENOSPC and the like.
std::vector<int> errors_of(const Call& call);

}  // namespace batchd::torture
