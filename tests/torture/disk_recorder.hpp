#pragma once

#include <map>
#include <set>
#include <string>

#include "torture/disk.hpp"
#include "torture/finding.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// Keeps a Disk up to date with what a traced process does to the folders `spool` and `state` of a workbench,
/// and kills the process at one of the moments that KillPoint would.
class DiskRecorder final : public Observer {
public:
    /// The calls that it has to see.
    static const std::set<Effect>& effects();
    static const std::set<std::string>& folders();

    DiskRecorder(Path root, std::uint64_t cut_at);

    Order before(const Call& call) override;
    Order after(const Call& call, std::int64_t answer) override;

    const Disk& disk() const { return disk_; }
    std::uint64_t count() const { return count_; }
    /// Where it has killed; "" when there was no moment with that number.
    const std::string& where() const { return where_; }
    /// Calls were under way at the kill: nobody knows whether they have taken effect.
    bool is_in_doubt() const { return !under_way_.empty(); }

private:
    struct UnderWay {
        Disk::Moment began = 0;
        bool is_new_file = false;
    };
    void record(const Call& call, const UnderWay& state, std::uint64_t answer);
    void record_write(const Call& call, std::uint64_t size);
    std::string below_root(const std::string& path) const;
    Order pass(const Call& call, const char* when);

    Path root_;
    std::uint64_t cut_at_;
    Disk disk_;
    std::map<pid_t, UnderWay> under_way_;
    std::uint64_t count_ = 0;
    std::string where_;
};

/// What `folders` of `root` hold by now, to be compared with Disk::as_seen().
Tree read_tree(const Path& root, const std::set<std::string>& folders);

/// Puts the folders into the state of `remains`. Files that are still there keep their identity.
void leave_only(const Path& root, const std::set<std::string>& folders, const Disk::Picture& seen,
                const Disk::Picture& remains);

/// Where the model of the disk and the disk differ: then the recorder has missed a call. Nothing where a call
/// was under way at the end.
Findings compare(const DiskRecorder& recorder, const Path& root);

}  // namespace batchd::torture
