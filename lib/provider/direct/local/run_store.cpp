#include "provider/direct/local/run_store.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "jsonl/rows/copy_rows.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::provider::direct {
namespace {

constexpr std::string_view kFile = "file-";
constexpr std::string_view kResults = "results-";
constexpr std::string_view kNameBegin = "batchd-";
constexpr std::string_view kNameEnd = ".jsonl";
constexpr const char* kRecord = "run.json";
constexpr std::string_view kRequests = "requests.jsonl";
constexpr std::size_t kCopiedAtOnce = 256 * 1024;

/// It becomes the name of a folder: nothing that leads elsewhere, and nothing hidden.
bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

Result<void> copy_bytes(const Path& from, const Path& to) {
    const auto source = open_file(from, O_RDONLY);
    if (!source) return source.error();
    auto writer = FileWriter::create(to);
    if (!writer) return writer.error();
    for (std::vector<char> block(kCopiedAtOnce);;) {
        const auto size = read_some(source->get(), block.data(), block.size());
        if (!size) return size.error();
        if (*size == 0) return writer->commit();
        if (auto put = writer->append({block.data(), *size}); !put) return put.error();
    }
}

/// The same file under another name where the file system has that, for none is ever written to again.
Result<void> give_name(const Path& from, const Path& to) {
    // Left by a crash, perhaps with half of its content; link(2) replaces nothing.
    if (auto removed = remove_file(to); !removed) return removed.error();
    if (::link(from.c_str(), to.c_str()) == 0) return sync_directory(to.parent_path());
    // Any other error says that the file system can't, or won't across its border; a copy does as well.
    if (errno == ENOENT) return system_failure("link " + from.string());
    return copy_bytes(from, to);
}

Result<std::optional<std::uint64_t>> size_of(const Path& path) {
    const auto is_there = file_exists(path);
    if (!is_there) return is_there.error();
    if (!*is_there) return std::optional<std::uint64_t>();
    std::error_code ec;
    const std::uint64_t size = std::filesystem::file_size(path, ec);
    if (ec) return Error{ec, path.string()};
    return std::optional(size);
}

}  // namespace

std::optional<std::string> RunStore::key_of_filename(std::string_view filename) {
    // The key becomes the name of a folder, so only what we have made ourselves is taken for one.
    if (!filename.starts_with(kNameBegin) || !filename.ends_with(kNameEnd)) return {};
    filename.remove_prefix(kNameBegin.size());
    if (filename.size() < kNameEnd.size()) return {};
    filename.remove_suffix(kNameEnd.size());
    return is_key(filename) ? std::optional(std::string(filename)) : std::nullopt;
}

std::optional<std::string> RunStore::key_of_id(std::string_view prefix, std::string_view id) {
    if (!id.starts_with(prefix) || !is_key(id.substr(prefix.size()))) return {};
    return std::string(id.substr(prefix.size()));
}

Path RunStore::requests(const std::string& key) const {
    return folder(key) / kRequests;
}

std::optional<Path> RunStore::path_of(const std::string& id) const {
    if (const auto key = key_of_id(kFile, id)) return requests(*key);
    if (const auto key = key_of_id(kResults, id)) return journal(*key).results;
    return {};
}

Result<FileObject> RunStore::add(const Path& from, const std::string& key) const {
    if (auto made = make_directory(folder(key)); !made) return made.error();
    const Path to = requests(key);
    const auto is_there = jsonl::row_file_exists(to);
    if (!is_there) return is_there.error();
    // With their texts: the run may outlive the folder of the job that they stand in.
    if (!*is_there)
        if (auto copied = jsonl::copy_rows(from, to); !copied) return copied.error();
    // Also what was there: whoever made it may have died before its name was safe.
    const Path above = root_.parent_path();
    for (const Path& named_in : {folder(key), root_, above, above.parent_path()})
        if (auto synced = sync_directory(named_in); !synced) return synced.error();
    const auto size = size_of(to);
    if (!size) return size.error();
    FileObject file;
    file.id = std::string(kFile) + key;
    file.filename = std::string(kNameBegin) + key + std::string(kNameEnd);
    file.size_bytes = size->value_or(0);
    return file;
}

Result<bool> RunStore::is_whole(const std::string& id) const {
    // The text of an upload that a crash broke off may be there without its index, and is no file yet.
    if (const auto key = key_of_id(kFile, id)) return jsonl::row_file_exists(requests(*key));
    return true;
}

Result<std::optional<FileObject>> RunStore::find(const std::string& id) const {
    const auto path = path_of(id);
    if (!path) return std::optional<FileObject>();
    const auto whole = is_whole(id);
    if (!whole) return whole.error();
    if (!*whole) return std::optional<FileObject>();
    const auto size = size_of(*path);
    if (!size) return size.error();
    if (!*size) return std::optional<FileObject>();
    FileObject file;
    file.id = id;
    const auto key = key_of_id(kFile, id);
    file.filename = key ? std::string(kNameBegin) + *key + std::string(kNameEnd) : id + std::string(kNameEnd);
    file.size_bytes = **size;
    return std::optional(std::move(file));
}

Result<std::vector<std::string>> RunStore::keys() const {
    std::vector<std::string> keys;
    std::error_code ec;
    for (std::filesystem::directory_iterator it(root_, ec), end; !ec && it != end; it.increment(ec)) {
        // A file that somebody has put there is no run, and holds none up.
        std::error_code unseen;
        std::string name = it->path().filename().string();
        if (is_key(name) && it->is_directory(unseen)) keys.push_back(std::move(name));
    }
    if (ec && ec != std::errc::no_such_file_or_directory) return Error{ec, "read " + root_.string()};
    // Pages of a listing go on behind an id, so that the order has to be the same each time.
    std::sort(keys.begin(), keys.end());
    return keys;
}

Result<std::vector<FileObject>> RunStore::uploads() const {
    const auto all = keys();
    if (!all) return all.error();
    std::vector<FileObject> files;
    for (const std::string& key : *all) {
        auto file = find(std::string(kFile) + key);
        if (!file) return file.error();
        if (*file) files.push_back(std::move(**file));
    }
    return files;
}

Result<std::uint64_t> RunStore::copy_out(const std::string& id, const Path& to) const {
    const auto file = find(id);
    if (!file) return file.error();
    if (!*file) return error(Errc::not_found, id);
    if (auto given = give_name(*path_of(id), to); !given) return given.error();
    return (*file)->size_bytes;
}

Result<bool> RunStore::remove(const std::string& id) const {
    const auto path = path_of(id);
    if (!path) return false;
    const std::string key = path->parent_path().filename().string();
    const bool is_upload = key_of_id(kFile, id).has_value();
    // By any part of it, for a removal that was broken off may have left one.
    const auto was_there = is_upload ? jsonl::row_file_is_left(*path) : file_exists(*path);
    if (!was_there) return was_there.error();
    const auto removed = is_upload ? jsonl::remove_row_file(*path) : remove_file(*path);
    if (!removed) return removed.error();
    // The file must be gone for good before the folder is judged empty: a power cut would bring it back
    // into a folder that nobody looks into.
    if (*was_there)
        if (auto synced = sync_directory(folder(key)); !synced) return synced.error();
    if (auto gone = remove_if_done(key); !gone) return gone.error();
    return *was_there;
}

Result<void> RunStore::remove_if_done(const std::string& key) const {
    // The run is forgotten with the last of the two: its record is what a second create is answered with.
    const auto requests_left = jsonl::row_file_is_left(requests(key));
    if (!requests_left) return requests_left.error();
    const auto results_left = file_exists(journal(key).results);
    if (!results_left) return results_left.error();
    const auto has_folder = has(key);
    if (!has_folder) return has_folder.error();
    if (*requests_left || *results_left || !*has_folder) return {};
    return remove_folder(key);
}

Result<void> RunStore::remove_folder(const std::string& key) const {
    if (auto removed = remove_tree(folder(key)); !removed) return removed;
    return sync_directory(root_);
}

Result<void> RunStore::remove_broken_uploads() const {
    const auto all = keys();
    if (!all) return all.error();
    for (const std::string& key : *all) {
        const auto has_run = file_exists(folder(key) / kRecord);
        if (!has_run) return has_run.error();
        if (*has_run) continue;
        const auto whole = jsonl::row_file_exists(requests(key));
        if (!whole) return whole.error();
        if (*whole) continue;
        if (auto removed = remove_pieces(key); !removed) return removed;
    }
    return {};
}

Result<void> RunStore::remove_pieces(const std::string& key) const {
    std::vector<Path> pieces;
    std::error_code ec;
    for (std::filesystem::directory_iterator it(folder(key), ec), end; !ec && it != end; it.increment(ec))
        if (it->path().filename().string().starts_with(kRequests)) pieces.push_back(it->path());
    if (ec) return Error{ec, "read " + folder(key).string()};
    for (const Path& piece : pieces)
        if (auto removed = remove_file(piece); !removed) return removed;
    // Whatever else somebody keeps in it is not ours to remove.
    std::filesystem::remove(folder(key), ec);
    if (ec && ec != std::errc::directory_not_empty) return Error{ec, "remove " + folder(key).string()};
    return {};
}

Result<std::uint64_t> RunStore::count_requests(const std::string& key) const {
    const auto index = jsonl::RowIndex::load(requests(key));
    if (!index) return index.error();
    return index->rows().size();
}

Result<void> RunStore::write(const RunRecord& record) const {
    return write_run_record(folder(record.key) / kRecord, record);
}

Result<std::optional<RunRecord>> RunStore::run(const std::string& key) const {
    return read_run_record(folder(key) / kRecord, key);
}

Result<FoundRuns> RunStore::runs() const {
    const auto all = keys();
    if (!all) return all.error();
    FoundRuns found;
    for (const std::string& key : *all) {
        // A folder without a record is an upload of which no run was made yet.
        auto record = run(key);
        if (!record)
            found.unreadable.emplace(key, record.error());
        else if (*record)
            found.runs.push_back(std::move(**record));
    }
    return found;
}

}  // namespace batchd::provider::direct
