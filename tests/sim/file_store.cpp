#include "sim/file_store.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/chance.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {
bool is_there(const StoredFile& file, TimePoint now) {
    return file.deleted_at_ms == 0 && (!file.expires_at || unix_seconds(now) < *file.expires_at);
}
}  // namespace

ApiError no_such_file(std::string_view id) {
    return {.status = 404, .message = "No such File object: " + std::string(id), .param = "id", .code = ""};
}

json::object to_json(const StoredFile& file, TimePoint now) {
    return {{"object", "file"},
            {"id", file.id},
            {"purpose", file.purpose},
            {"filename", file.filename},
            {"bytes", file.size_bytes},
            {"created_at", unix_seconds(file.created_at)},
            {"expires_at", file.expires_at ? json::value(*file.expires_at) : json::value(nullptr)},
            {"status", now < file.processed_at ? "pending" : "processed"},
            {"status_details", nullptr}};
}

std::string FileStore::new_id(std::uint64_t length, std::string_view style) const {
    constexpr std::string_view kBegin = "file-";
    constexpr std::uint64_t kLength = 27;
    constexpr std::size_t kAzureDigits = 32;
    if (length == 0 && style == "azure") return std::string(kBegin) + random_hex(kAzureDigits);
    return std::string(kBegin) +
           random_alphanumerics(std::max(length == 0 ? kLength : length, kLength) - kBegin.size());
}

void FileStore::add(StoredFile file) {
    by_id_.emplace(file.id, files_.size());
    files_.push_back(std::move(file));
}

StoredFile* FileStore::find(std::string_view id, TimePoint now) {
    const auto found = by_id_.find(std::string(id));
    if (found == by_id_.end() || !is_there(files_[found->second], now)) return nullptr;
    return &files_[found->second];
}

StoredFile* FileStore::find_own(std::string_view account, std::string_view id, TimePoint now) {
    StoredFile* const file = find(id, now);
    return file != nullptr && file->account == account ? file : nullptr;
}

Reply<void> FileStore::remove(std::string_view id, TimePoint now) {
    StoredFile* file = find(id, now);
    if (file == nullptr) return no_such_file(id);
    file->deleted_at_ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
    if (auto removed = remove_file(path_of(id)); !removed)
        return ApiError{.status = 500,
                        .message = to_string(removed.error()),
                        .param = "",
                        .code = "",
                        .type = "server_error"};
    return {};
}

bool FileStore::listed(const StoredFile& file, const FileQuery& query, TimePoint now, Millis lag) const {
    return is_there(file, now) && file.account == query.account && file.created_at + lag <= now &&
           (query.purpose.empty() || query.purpose == file.purpose);
}

Reply<json::object> FileStore::list(const FileQuery& query, TimePoint now, Millis lag) const {
    const bool newest_first = query.order == FileQuery::Order::newest_first;
    std::size_t position = 0;  // how many come before, in the order asked for
    if (!query.after.empty()) {
        const auto cursor = by_id_.find(query.after);
        if (cursor == by_id_.end()) return no_such_file(query.after);
        position = (newest_first ? files_.size() - 1 - cursor->second : cursor->second) + 1;
    }
    json::array data;
    bool has_more = false;
    for (; position < files_.size(); ++position) {
        const StoredFile& file = files_[newest_first ? files_.size() - 1 - position : position];
        if (!listed(file, query, now, lag)) continue;
        has_more = data.size() == query.limit;
        if (has_more) break;
        data.push_back(to_json(file, now));
    }
    const json::value first = data.empty() ? json::value(nullptr) : data.front().at("id");
    const json::value last = data.empty() ? json::value(nullptr) : data.back().at("id");
    return json::object{{"object", "list"},
                        {"data", std::move(data)},
                        {"first_id", first},
                        {"last_id", last},
                        {"has_more", has_more}};
}

}  // namespace batchd::sim
