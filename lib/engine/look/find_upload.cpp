#include "engine/look/find_upload.hpp"

#include "engine/look/listing.hpp"
#include "engine/look/look_back.hpp"
#include "engine/look/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::FileObject;

asio::awaitable<provider::Answer<std::optional<FileObject>>> find_upload(provider::Provider& provider,
                                                                         store::Batch batch, TimePoint now) {
    FileMark mark{.filename = remote_name(batch), .size_bytes = batch.size_bytes};
    LookBack back(batch.intent_at.value_or(batch.created_at), now);
    std::optional<FileObject> found;
    auto fetch = [&](std::string after) { return provider.list_files(std::move(after)); };
    auto visit = [&](const FileObject& file) {
        mark.not_before = back.not_before(file.created_at);
        return look_at_file(mark, file, found);
    };
    auto extent = co_await walk_listing<FileObject>(fetch, visit, kLookPagesMax);
    if (!extent) co_return extent.error();
    co_return found;
}

}  // namespace batchd::engine
