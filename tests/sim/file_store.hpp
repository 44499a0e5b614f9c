#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "sim/api_error.hpp"

namespace batchd::sim {

/// A file of the account; its bytes are in FileStore::path_of(id).
struct StoredFile {
    std::string id;
    std::string account;  ///< whose it is
    std::string purpose;
    std::string filename;
    std::uint64_t size_bytes = 0;
    TimePoint created_at{};
    std::optional<std::int64_t> expires_at;  ///< Unix seconds
    std::uint64_t deleted_at_ms = 0;         ///< 0: it is there
    std::uint64_t downloads = 0;
    TimePoint processed_at{};  ///< before this, no batch can be made of it
};

/// What `GET /files` asks for.
struct FileQuery {
    std::string account;
    std::string purpose;  ///< "": all
    std::uint64_t limit = 10000;
    enum class Order { newest_first, oldest_first } order = Order::newest_first;
    std::string after;
};

/// Files by id, in order of creation. Bytes live on disk only; references stay good.
class FileStore {
public:
    explicit FileStore(Path directory) : directory_(std::move(directory)) {}

    /// A new id, under which bytes may be written to path_of(id) before add().
    /// `length`: in characters; 0: as the service makes them, whose `style` is that of Settings::ids.
    std::string new_id(std::uint64_t length, std::string_view style) const;
    Path path_of(std::string_view id) const { return directory_ / id.substr(0, kNameBytesMax); }

    void add(StoredFile file);
    /// nullptr when there is none, or none any more.
    StoredFile* find(std::string_view id, TimePoint now);
    /// nullptr as well when it is another account's.
    StoredFile* find_own(std::string_view account, std::string_view id, TimePoint now);
    /// Removes the bytes too.
    Reply<void> remove(std::string_view id, TimePoint now);
    /// One page, as the API's list object. Files younger than `lag` do not show.
    Reply<boost::json::object> list(const FileQuery& query, TimePoint now, Millis lag) const;

    const std::deque<StoredFile>& all() const { return files_; }

private:
    static constexpr std::size_t kNameBytesMax = 200;  // the beginning of a random id tells them apart

    bool listed(const StoredFile& file, const FileQuery& query, TimePoint now, Millis lag) const;

    Path directory_;
    std::deque<StoredFile> files_;
    std::unordered_map<std::string, std::size_t> by_id_;
};

ApiError no_such_file(std::string_view id);
boost::json::object to_json(const StoredFile& file, TimePoint now);

}  // namespace batchd::sim
