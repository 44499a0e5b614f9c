#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "provider/direct/journal/replay.hpp"
#include "provider/direct/local/run_record.hpp"
#include "provider/provider.hpp"

namespace batchd::provider::direct {

struct FoundRuns {
    std::vector<RunRecord> runs;
    std::map<std::string, Error> unreadable;  ///< by key: why
};

/// What an account that sends requests one by one has instead of a provider's store of files: a folder KEY/
/// for each uploaded file "batchd-KEY.jsonl", with the run that was made of it. The file is "file-KEY", the
/// run "run-KEY", its results "results-KEY". Everything blocks, and is durable when it returns.
/// Errors: errno.
class RunStore {
public:
    explicit RunStore(Path root) : root_(std::move(root)) {}

    /// Nothing where it is no such name.
    static std::optional<std::string> key_of_filename(std::string_view filename);
    /// The KEY of "PREFIXKEY"; nothing where it is none.
    static std::optional<std::string> key_of_id(std::string_view prefix, std::string_view id);

    /// A row file: its index lies beside it.
    Path requests(const std::string& key) const;
    /// What the run writes: see direct/journal.
    JournalPaths journal(const std::string& key) const {
        return {folder(key) / "journal", folder(key) / "results.jsonl"};
    }

    /// Takes the row file `from`; doing it again changes nothing.
    Result<FileObject> add(const Path& from, const std::string& key) const;
    /// A file or results, by the id; nothing where there is none. Its size is that of the content, whatever
    /// wrote it.
    Result<std::optional<FileObject>> find(const std::string& id) const;
    /// The uploaded ones, in order of their keys.
    Result<std::vector<FileObject>> uploads() const;
    /// Answers the size. Errors: likewise; not_found.
    Result<std::uint64_t> copy_out(const std::string& id, const Path& to) const;
    /// Folders in which a crash left part of an upload and nothing else: who uploads it again makes it anew,
    /// and where its job is cancelled meanwhile nobody does. Only while nothing is being added.
    Result<void> remove_broken_uploads() const;
    /// False where it was not there. What nothing is left of goes as a whole, also where an earlier removal
    /// was broken off.
    Result<bool> remove(const std::string& id) const;

    /// Whether anything of this key is left.
    Result<bool> has(const std::string& key) const { return file_exists(folder(key)); }
    /// By the index of the row file.
    Result<std::uint64_t> count_requests(const std::string& key) const;
    /// run.json, replaced as a whole.
    Result<void> write(const RunRecord& record) const;
    /// All runs whose folders are there. One whose record can't be read is named and keeps none of the
    /// others from being found.
    Result<FoundRuns> runs() const;
    /// Nothing where there is none of this key. Errors: likewise; corrupt.
    Result<std::optional<RunRecord>> run(const std::string& key) const;

private:
    Path folder(const std::string& key) const { return root_ / key; }
    Result<std::vector<std::string>> keys() const;
    /// False for an upload that was not finished.
    Result<bool> is_whole(const std::string& id) const;
    /// The folder, once neither requests nor results are left in it.
    Result<void> remove_if_done(const std::string& key) const;
    Result<void> remove_folder(const std::string& key) const;
    /// Of an upload that was not finished, and the folder where nothing else is in it.
    Result<void> remove_pieces(const std::string& key) const;
    /// Where the content of a file or of results lies; nothing where the id is neither.
    std::optional<Path> path_of(const std::string& id) const;

    Path root_;
};

}  // namespace batchd::provider::direct
