#pragma once

#include <string>
#include <string_view>

#include "base/disk/file.hpp"
#include "spool/drop/hidden_drop.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::spool {

/// The name of a job that can be dropped, of what somebody called it or its file: without ".jsonl" and
/// without dots in front, which would hide it; "" where nothing is left. Pure.
std::string drop_name(std::string_view given);

/// A file on its way into the inbox: it is written under a hidden name, which the daemon leaves alone, and
/// appears whole and durable. Destroyed before publish() it leaves nothing behind, and what is left of one
/// whose process was killed can be told from it (remove_left_drops()).
class InboxDrop {
public:
    /// `name` is the job's (drop_name()); the group of the inbox may read the file. Errors: errno.
    static Result<InboxDrop> create(const Path& inbox, std::string name, DropWriter by = DropWriter::submit);

    InboxDrop(InboxDrop&& other) noexcept;
    InboxDrop& operator=(InboxDrop&&) = delete;
    ~InboxDrop();

    /// In the order of the calls. Not durable before finish().
    Result<void> append(std::string_view bytes);
    /// All that is left to read of an open file.
    Result<void> append_all_of(int fd);
    /// Makes what was written durable. To be called once, before publish().
    Result<void> finish();
    /// Gives it its name, NAME.jsonl. False when a file with it is there, which is never replaced: try again,
    /// or with another name. Errors: errno.
    Result<bool> publish();
    /// Takes it back where it still has its name: then it is as before publish(). False: it does not, for
    /// somebody has taken it. Errors: errno.
    Result<bool> withdraw();
    /// It has its name, also where publish() failed behind that.
    bool is_published() const { return hidden_.empty(); }
    /// From now on it is called so.
    void rename(std::string name) { name_ = std::move(name); }

    const std::string& name() const { return name_; }
    /// Where it is until it is published.
    const Path& hidden() const { return hidden_; }
    /// What the daemon knows it by. It is no other's for as long as this lives, for it is kept open.
    FileId id() const { return id_; }

private:
    InboxDrop(UniqueFd fd, Path inbox, Path hidden, std::string name, FileId id);

    UniqueFd fd_;
    Path inbox_;
    Path hidden_;  // "": it has its name
    std::string name_;
    FileId id_;
};

}  // namespace batchd::spool
