#include "web/submit/pending_uploads.hpp"

#include <algorithm>

#include "base/uuid.hpp"

namespace batchd::web {
namespace {

/// One that is being sent is in use, and about to go by itself.
Millis age_mark(const Upload& upload) {
    return upload.is_being_sent ? Millis::max() : upload.since;
}

Millis age_mark(const SentUpload& sent) {
    return sent.since;
}

template <class Map>
void forget_oldest(Map& map) {
    const auto oldest = std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) {
        return age_mark(a.second) < age_mark(b.second);
    });
    if (oldest != map.end() && age_mark(oldest->second) != Millis::max()) map.erase(oldest);
}

}  // namespace

std::string PendingUploads::add(Upload upload) {
    // The oldest goes and the new one is not refused: files that somebody left lying must not keep others
    // out for an hour.
    if (uploads_.size() >= kUploadsMax) forget_oldest(uploads_);
    std::string id = random_key();
    uploads_.emplace(id, std::move(upload));
    return id;
}

Upload* PendingUploads::find(const std::string& id) {
    const auto found = uploads_.find(id);
    return found == uploads_.end() ? nullptr : &found->second;
}

void PendingUploads::remember_sent(const std::string& id, Millis now) {
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return;
    if (sent_.size() >= kSentMax) forget_oldest(sent_);
    sent_.insert_or_assign(id, SentUpload{found->second.drop.name() + ".jsonl", found->second.queue, now});
    uploads_.erase(found);
}

const SentUpload* PendingUploads::find_sent(const std::string& id) const {
    const auto found = sent_.find(id);
    return found == sent_.end() ? nullptr : &found->second;
}

void PendingUploads::forget_old(Millis now) {
    // By the clock that never jumps; the file goes from the disk with its entry.
    const auto is_old = [&](const auto& entry) {
        const Millis mark = age_mark(entry.second);
        return mark != Millis::max() && now - mark > kPatience;
    };
    std::erase_if(uploads_, is_old);
    std::erase_if(sent_, is_old);
}

}  // namespace batchd::web
