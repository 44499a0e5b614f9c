#include "spool/inbox/left_alone.hpp"

#include <array>
#include <iterator>

#include "base/units.hpp"

namespace batchd::spool {
namespace {

struct Words {
    LeftReason reason;
    std::string_view word;
    std::string_view one, many;
    std::string_view remedy;
};

constexpr std::array kWords{
    Words{LeftReason::extension, "extension", "file that does not end in .jsonl",
          "files that do not end in .jsonl", "rename to NAME.jsonl"},
    Words{LeftReason::temporary, "temporary", "file with the name of an unfinished one",
          "files with the names of unfinished ones", "rename to NAME.jsonl when whole"},
    Words{LeftReason::link, "link", "symbolic link", "symbolic links", "put the file itself in its place"},
    Words{LeftReason::folder, "folder", "folder", "folders",
          "put the files one folder up; a folder of the inbox itself may be a queue: [queue.NAME] in the "
          "configuration"},
    Words{LeftReason::special, "special", "FIFO, socket or device", "FIFOs, sockets or devices",
          "only regular files are taken"},
    Words{LeftReason::permission, "permission", "file that batchd may not read and move",
          "files that batchd may not read and move", "give its user the permission: chmod g+r, chgrp batchd"},
    Words{LeftReason::open, "open", "file that somebody has not closed yet",
          "files that somebody has not closed yet", "taken when the writer has closed it"},
    Words{LeftReason::set_aside, "set_aside", "file that was taken, and that no job waits for",
          "files that were taken, and that no job waits for",
          "remove it, or rename it to NAME.jsonl to have all of it sent, also what was sent before"},
    Words{LeftReason::hidden, "hidden", "file whose name begins with a dot",
          "files whose names begin with a dot", "rename to NAME.jsonl when whole"},
    Words{LeftReason::failed, "failed", "file that could not be taken", "files that could not be taken",
          "tried again by itself; mend what is in the way"},
};

/// The table is used by index, so a reason that is put in between must not shift the words of the others.
constexpr bool in_order() {
    for (std::size_t i = 0; i < kWords.size(); ++i)
        if (static_cast<std::size_t>(kWords[i].reason) != i) return false;
    return true;
}
static_assert(in_order(), "kWords has one entry a reason, in the order of the enumeration");

const Words& words(LeftReason reason) {
    return kWords[static_cast<std::size_t>(reason)];
}

}  // namespace

std::string_view to_string(LeftReason reason) {
    return words(reason).word;
}

std::string_view remedy(LeftReason reason) {
    return words(reason).remedy;
}

void LeftAlone::add(LeftReason reason, const std::string& name) {
    LeftFiles& files = files_[reason];
    ++files.count;
    // The first by the alphabet, not the first that were met: the order of a folder differs from scan to
    // scan, and the sentence must not change while the files do not.
    if (files.names.size() == LeftFiles::kNamesMax && name >= *files.names.rbegin()) return;
    files.names.insert(name);
    if (files.names.size() > LeftFiles::kNamesMax) files.names.erase(std::prev(files.names.end()));
}

void LeftAlone::add(const LeftAlone& more) {
    // Those beyond the names that are kept are only counted, and are added to the count.
    for (const auto& [reason, files] : more.files_) {
        for (const std::string& name : files.names) add(reason, name);
        files_[reason].count += files.count - files.names.size();
    }
}

std::string sentence(LeftReason reason, const LeftFiles& files) {
    std::string names;
    for (const std::string& name : files.names) names += (names.empty() ? "" : ", ") + name;
    if (files.count > files.names.size()) names += ", …";
    return with_commas(files.count) + " " +
           std::string(files.count == 1 ? words(reason).one : words(reason).many) + " (" + names +
           "): " + std::string(remedy(reason));
}

}  // namespace batchd::spool
