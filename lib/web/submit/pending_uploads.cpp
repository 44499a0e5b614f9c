#include "web/submit/pending_uploads.hpp"

#include <algorithm>

#include "base/uuid.hpp"

namespace batchd::web {

std::string PendingUploads::add(Upload upload) {
    // The oldest goes and the new one is not refused: files that somebody left lying must not keep others
    // out for an hour.
    if (uploads_.size() >= kUploadsMax)
        uploads_.erase(std::min_element(uploads_.begin(), uploads_.end(), [](const auto& a, const auto& b) {
            return a.second.since < b.second.since;
        }));
    std::string id = random_key();
    uploads_.emplace(id, std::move(upload));
    return id;
}

Upload* PendingUploads::find(const std::string& id) {
    const auto found = uploads_.find(id);
    return found == uploads_.end() ? nullptr : &found->second;
}

void PendingUploads::forget_old(Millis now) {
    // By the clock that never jumps; the file goes from the disk with its entry.
    std::erase_if(uploads_, [&](const auto& entry) { return now - entry.second.since > kPatience; });
}

}  // namespace batchd::web
