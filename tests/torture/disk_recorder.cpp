#include "torture/disk_recorder.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <fstream>

#include "support/temp_dir.hpp"
#include "torture/kill_point.hpp"

namespace batchd::torture {
namespace {

[[noreturn]] void not_known(const Call& call) {
    throw std::runtime_error("the disk has no model of " + to_string(call));
}

std::string entry_of(const Call& call, const char* folder, std::uint64_t fd) {
    return "/proc/" + std::to_string(call.thread) + "/" + folder + "/" + std::to_string(static_cast<int>(fd));
}

Disk::FileNumber number_of(const std::string& path) {
    struct stat status{};
    const bool is_descriptor = path.starts_with("/proc/");
    if ((is_descriptor ? ::stat : ::lstat)(path.c_str(), &status) != 0)
        throw std::runtime_error("can't look at " + path);
    return status.st_ino;
}

Disk::FileNumber number_of_descriptor(const Call& call) {
    return number_of(entry_of(call, "fd", call.arguments[0]));
}

/// Where the descriptor stands.
std::uint64_t position_of(const Call& call) {
    std::ifstream info(entry_of(call, "fdinfo", call.arguments[0]));
    std::string key;
    std::uint64_t position = 0;
    if (!(info >> key >> position) || key != "pos:")
        throw std::runtime_error("no position of " + to_string(call));
    return position;
}

std::string written_bytes(const Call& call, std::uint64_t size) {
    const bool is_vector = call.what->number == SYS_writev || call.what->number == SYS_pwritev;
    if (!is_vector) return read_memory(call.thread, call.arguments[1], size);
    std::string bytes;
    for (std::uint64_t i = 0; i < call.arguments[2] && bytes.size() < size; ++i) {
        const std::string raw =
            read_memory(call.thread, call.arguments[1] + i * sizeof(iovec), sizeof(iovec));
        iovec piece{};
        raw.copy(reinterpret_cast<char*>(&piece), sizeof piece);
        bytes += read_memory(call.thread, reinterpret_cast<std::uint64_t>(piece.iov_base), piece.iov_len);
    }
    bytes.resize(size);
    return bytes;
}

std::uint64_t open_flags(const Call& call) {
    return call.what->number == SYS_openat ? call.arguments[2] : call.arguments[1];
}

/// SQLite's index of the log is memory that is shared by way of a file; whoever opens the database first
/// makes it anew.
bool is_shared_memory(const std::string& path) {
    return path.ends_with("-shm");
}

}  // namespace

const std::set<Effect>& DiskRecorder::effects() {
    static const std::set<Effect> effects = [] {
        std::set<Effect> all = lasting_effects();
        all.insert(Effect::map);
        return all;
    }();
    return effects;
}

const std::set<std::string>& DiskRecorder::folders() {
    static const std::set<std::string> folders{"spool", "state"};
    return folders;
}

DiskRecorder::DiskRecorder(Path root, std::uint64_t cut_at)
    : root_(std::move(root)), cut_at_(cut_at), disk_(root_, folders()) {}

std::string DiskRecorder::below_root(const std::string& path) const {
    return path == root_ ? std::string() : path.substr(root_.string().size() + 1);
}

Order DiskRecorder::before(const Call& call) {
    if (call.what->effect == Effect::map) {
        const bool changes_file = (call.arguments[3] & MAP_SHARED) != 0 &&
                                  (call.arguments[2] & PROT_WRITE) != 0 &&
                                  call.target.starts_with(root_.string()) && !is_shared_memory(call.target);
        if (changes_file) not_known(call);
        return {};
    }
    if (!leaves_a_trace(call, root_)) return {};
    const Order order = pass(call, "before ");
    if (order.kind == Order::Kind::kill) return order;
    if (!is_socket(call.target)) {
        const bool is_new = call.what->effect == Effect::open && !std::filesystem::exists(call.target);
        under_way_[call.thread] = {.began = disk_.now(), .is_new_file = is_new};
    }
    return {Order::Kind::watch};
}

Order DiskRecorder::after(const Call& call, std::int64_t answer) {
    if (is_socket(call.target)) return pass(call, "after ");
    const UnderWay state = under_way_.extract(call.thread).mapped();
    if (answer >= 0) record(call, state, static_cast<std::uint64_t>(answer));
    return {};
}

Order DiskRecorder::pass(const Call& call, const char* when) {
    if (count_++ != cut_at_) return {};
    where_ = when + to_string(call);
    return {Order::Kind::kill};
}

void DiskRecorder::record(const Call& call, const UnderWay& state, std::uint64_t answer) {
    const std::string path = below_root(call.target);
    switch (call.what->effect) {
        case Effect::open:
            if (state.is_new_file)
                disk_.made_file(path, number_of(entry_of(call, "fd", answer)));
            else if ((open_flags(call) & O_TRUNC) != 0)
                disk_.truncated(number_of(call.target), 0);
            return;
        case Effect::write:
            return record_write(call, answer);
        case Effect::truncate:
            if (call.what->number != SYS_ftruncate) not_known(call);
            return disk_.truncated(number_of_descriptor(call), call.arguments[1]);
        case Effect::sync:
            if (call.what->number == SYS_syncfs) return disk_.synced_all(state.began);
            return disk_.synced(number_of_descriptor(call), state.began);
        case Effect::rename:
            return disk_.renamed(path, below_root(call.other));
        case Effect::link:
            return disk_.linked(path, below_root(call.other));
        case Effect::remove:
        case Effect::remove_directory:
            return disk_.removed(path);
        case Effect::symlink:
            return disk_.made_symlink(path, number_of(call.target),
                                      std::filesystem::read_symlink(call.target).string());
        case Effect::make_directory:
            return disk_.made_directory(path, number_of(call.target));
        default:
            return;
    }
}

void DiskRecorder::record_write(const Call& call, std::uint64_t size) {
    const long number = call.what->number;
    const bool has_offset = number == SYS_pwrite64 || number == SYS_pwritev;
    if (!has_offset && number != SYS_write && number != SYS_writev) not_known(call);
    const std::uint64_t offset = has_offset ? call.arguments[3] : position_of(call) - size;
    disk_.wrote(number_of_descriptor(call), offset, written_bytes(call, size));
}

Tree read_tree(const Path& root, const std::set<std::string>& folders) {
    Tree tree;
    for (const std::string& folder : folders) {
        if (!std::filesystem::exists(root / folder)) continue;
        tree[folder + "/"];
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const std::string path = entry.path().lexically_relative(root).string();
            if (entry.is_symlink())
                tree[path + "@"] = std::filesystem::read_symlink(entry.path());
            else if (entry.is_directory())
                tree[path + "/"];
            else
                tree[path] = is_shared_memory(path) ? "" : testing::slurp(entry.path());
        }
    }
    return tree;
}

void leave_only(const Path& root, const std::set<std::string>& folders, const Disk::Picture& seen,
                const Disk::Picture& remains) {
    namespace fs = std::filesystem;
    const Path aside = root / ".aside";
    fs::create_directory(aside);
    std::map<const void*, Path> kept;
    for (const auto& [path, file] : seen.files) {
        if (kept.contains(file)) continue;  // by another of its names
        const Path to = aside / std::to_string(kept.size());
        std::error_code gone;  // a call that was under way at the kill may have moved it
        fs::rename(root / path, to, gone);
        if (!gone) kept[file] = to;
    }
    for (const std::string& folder : folders) fs::remove_all(root / folder);
    for (const auto& [path, content] : remains.tree) {
        const Path place = root / path;
        if (path.ends_with('/')) {
            fs::create_directory(place);
            continue;
        }
        if (path.ends_with('@')) {
            fs::create_symlink(content, root / path.substr(0, path.size() - 1));
            continue;
        }
        const auto file = kept.find(remains.files.at(path));
        if (file != kept.end()) fs::create_hard_link(file->second, place);
        if (file != kept.end() && testing::slurp(place) == content) continue;
        std::ofstream out(place, std::ios::binary | std::ios::trunc);
        out << content;
        if (!out.flush()) throw std::runtime_error("can't write " + place.string());
    }
    fs::remove_all(aside);
}

Findings compare(const DiskRecorder& recorder, const Path& root) {
    Tree seen = recorder.disk().as_seen().tree;
    for (auto& [path, content] : seen)
        if (is_shared_memory(path)) content.clear();
    const Tree there = read_tree(root, DiskRecorder::folders());
    if (recorder.is_in_doubt() || seen == there) return {};
    std::string what;
    for (const auto& [path, content] : there)
        if (!seen.contains(path) || seen[path] != content) what += " " + path;
    for (const auto& [path, content] : seen)
        if (!there.contains(path)) what += " " + path + " (gone)";
    return {{Finding::Kind::broken, "the test itself: the model of the disk is wrong about" + what}};
}

}  // namespace batchd::torture
