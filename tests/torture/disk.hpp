#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/disk/file.hpp"

namespace batchd::torture {

/// A tree of folders and files: path below the root to content. Folders end in '/' and have no content;
/// symbolic links end in '@', and what they point to is their content.
using Tree = std::map<std::string, std::string>;

/// How much of what was not synced a power cut leaves.
enum class Survival {
    synced_only,         ///< nothing of it
    names_without_data,  ///< all names, and none of the bytes: files of zero length
    in_order,            ///< what came before some moment, names and bytes on their own
    anything             ///< any names, any sectors of any write
};
inline constexpr Survival kSurvivals[] = {Survival::synced_only, Survival::names_without_data,
                                          Survival::in_order, Survival::anything};
const char* to_string(Survival survival);

/// What a disk holds, as programs see it and as a power cut would leave it.
///
/// It promises what POSIX promises, and what every journal keeps besides: bytes are safe once their file is
/// synced, names once their folder is; a rename is never half done. Nothing else: syncing a file does not
/// make its name safe, nor syncing a folder the name of the folder itself, and what is not synced may survive
/// in any order, sector by sector. All paths are below the root, such as "state/batchd.db".
class Disk {
public:
    using Moment = std::uint64_t;
    using FileNumber = std::uint64_t;  ///< the inode number

    /// Takes in what is there: all of it is safe.
    Disk(const Path& root, const std::set<std::string>& top_folders);

    // --- What has happened, in this order
    void made_file(const std::string& path, FileNumber number);
    void made_directory(const std::string& path, FileNumber number);
    void made_symlink(const std::string& path, FileNumber number, const std::string& to);
    void wrote(FileNumber number, std::uint64_t offset, std::string bytes);
    void truncated(FileNumber number, std::uint64_t size);
    void renamed(const std::string& from, const std::string& to);
    void linked(const std::string& from, const std::string& to);
    void removed(const std::string& path);
    /// A sync of a file or folder that began at `began` has succeeded: what happened since then is not safe.
    void synced(FileNumber number, Moment began);
    /// A sync of all that is on the disk, likewise.
    void synced_all(Moment began);
    Moment now() const { return now_; }

    bool knows(FileNumber number) const { return nodes_.contains(number); }

    /// A tree, with which file each path is: numbers are used again, and one file may have two names.
    struct Picture {
        Tree tree;
        std::map<std::string, const void*> files;
    };
    Picture as_seen() const;
    /// What is left when the power goes now.
    Picture after_power_cut(Survival survival, std::mt19937_64& random) const;

private:
    struct Node;
    using NodePtr = std::shared_ptr<Node>;
    using Names = std::map<std::string, NodePtr>;

    /// A name in a folder.
    struct Place {
        NodePtr directory;
        std::string name;
        bool operator==(const Place&) const = default;
    };
    /// A change of names that is not safe yet.
    struct NameChange {
        Moment at = 0;
        NodePtr what;    // what gets a name; none: only `from` goes
        Place to, from;  // a place without a folder is none
        bool touches(const NodePtr& directory) const {
            return to.directory == directory || from.directory == directory;
        }
    };

    void take_in(const Path& folder, const NodePtr& node);
    Place place(const std::string& path) const;
    NodePtr find(const std::string& path) const;
    void change(NameChange change);
    static void apply(const NameChange& change, std::map<Node*, Names>& names);
    void make_safe(const NodePtr& directory, Moment began);
    std::vector<bool> surviving_changes(Survival survival, std::mt19937_64& random) const;
    template <class NamesOf, class ContentOf>
    Picture picture(NamesOf names_of, ContentOf content_of) const;

    NodePtr root_;
    std::map<FileNumber, NodePtr> nodes_;
    std::vector<NameChange> changes_;    // in order, not safe
    std::map<Node*, Names> safe_names_;  // of each folder
    std::vector<NodePtr> all_;           // keeps what safe_names_ points to
    Moment now_ = 0;
};

}  // namespace batchd::torture
