#include "spool/inbox/settling.hpp"

#include <algorithm>

#include "spool/inbox/inbox_name.hpp"

namespace batchd::spool {

using Kind = InboxEvent::Kind;

Settling::File* Settling::find_or_add(const std::string& name) {
    const auto found = files_.find(name);
    if (found != files_.end()) return &found->second;
    // What is beyond this waits for a later scan, when those before it have been taken.
    if (files_.size() >= kFilesMax) return nullptr;
    File& file = files_[name];
    file.scan = scan_;  // an event during a scan: its file may have been passed already
    return &file;
}

void Settling::notice(const InboxEvent& event) {
    if (event.kind == Kind::gone_away) return forget_all();
    // Events were lost, and among them may be the one that says that a file is written on.
    if (event.kind == Kind::overflow) return doubt_all();
    // A chmod or a touch is no write. It is passed on for the sake of files that could not be read before.
    if (event.kind == Kind::attributes || classify_name(event.name) != NameVerdict::take) return;
    File* const file = find_or_add(event.name);
    if (file == nullptr) return;
    switch (event.kind) {
        case Kind::moved_in:
            file->writer = Writer::moved_in;
            break;
        case Kind::closed:
            file->writer = Writer::closed;
            break;
        case Kind::created:
            file->writer = Writer::created;
            break;
        default:
            file->writer = Writer::writing;
            break;
    }
}

void Settling::forget_all() {
    files_.clear();
    next_look_.reset();  // or whoever waits for it would look again and again at an inbox that is not there
}

void Settling::doubt_all() {
    for (auto& [name, file] : files_) {
        file.writer = Writer::unknown;
        // Its stillness is measured anew, as of a file that was there before we were.
        file.still_since.reset();
    }
}

void Settling::begin_scan() {
    ++scan_;
    next_look_.reset();
}

void Settling::end_scan() {
    // What the scan has not met is gone from the inbox, by our own hand or by somebody else's.
    std::erase_if(files_, [this](const auto& entry) { return entry.second.scan != scan_; });
}

Millis Settling::patience(const File& file) const {
    const bool is_empty = file.stamp.size_bytes == 0;
    const Millis least = is_empty ? empty_wait_ : Millis{0};
    // A rename or a close is the writer's own word that the file is whole; all else is a guess by
    // stillness.
    if (file.writer == Writer::moved_in || file.writer == Writer::closed) return least;
    // Created with content and without a write: it was linked, whole or not, and there will be no close.
    const bool was_linked = file.writer == Writer::created && !is_empty;
    const bool may_be_finished = file.writer == Writer::unknown || was_linked;
    return std::max({least, settle_time_, may_be_finished ? Millis{0} : kLostClose});
}

Readiness Settling::observe(const Candidate& candidate, Millis now) {
    File* const file = find_or_add(candidate.name);
    if (file == nullptr) return Readiness::wait;
    file->scan = scan_;
    // Another inode under the name is another file, however much alike the two look.
    if (!file->still_since || file->stamp != candidate.stamp || file->id != candidate.id) {
        file->still_since = now;
        file->stamp = candidate.stamp;
        file->id = candidate.id;
    }
    return ready_at(*file->still_since + patience(*file), now);
}

Readiness Settling::observe_open(const Candidate& candidate, Millis now) {
    const auto found = files_.find(candidate.name);
    if (found == files_.end() || !found->second.still_since) return Readiness::wait;
    const Writer writer = found->second.writer;
    const Millis least = writer == Writer::moved_in  ? Millis{0}
                         : writer == Writer::unknown ? kOpenUnseen
                                                     : kLostClose;
    return ready_at(*found->second.still_since + std::max(settle_time_, least), now);
}

Readiness Settling::ready_at(Millis due, Millis now) {
    if (now >= due) return Readiness::ready;
    // Whoever waits is woken for the file that is due first, and looks at the others then.
    next_look_ = std::min(next_look_.value_or(due), due);
    return Readiness::wait;
}

Millis Settling::still_for(const std::string& name, Millis now) const {
    const auto found = files_.find(name);
    if (found == files_.end() || !found->second.still_since) return Millis{0};
    return now - *found->second.still_since;
}

}  // namespace batchd::spool
