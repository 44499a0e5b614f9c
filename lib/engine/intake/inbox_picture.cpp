#include "engine/intake/inbox_picture.hpp"

#include "config/settings.hpp"

namespace batchd::engine {

using spool::LeftFiles;
using spool::LeftReason;

std::string InboxPicture::queue_of(std::string_view about) {
    const std::size_t slash = about.find('/');
    return std::string(slash == std::string_view::npos ? config::kDefaultQueue : about.substr(0, slash));
}

std::string InboxPicture::about(LeftReason reason) const {
    const std::string word(to_string(reason));
    return queue_ == config::kDefaultQueue ? word : queue_ + "/" + word;
}

Result<void> InboxPicture::show(const spool::LeftAlone& left) {
    if (is_first_)
        if (auto done = forget(store_.conditions, queue_); !done) return done;
    is_first_ = false;
    // Scans come again and again, and a commit is for what has changed.
    if (left.by_reason() == shown_) return {};
    const auto recorded = store_.database.transact([&]() -> Result<void> {
        for (const auto& [reason, files] : shown_)
            if (!left.by_reason().contains(reason))
                if (auto done = store_.conditions.clear(kKind, about(reason)); !done) return done;
        for (const auto& [reason, files] : left.by_reason()) {
            const auto before = shown_.find(reason);
            if (before != shown_.end() && before->second == files) continue;
            if (auto done = set(reason, files); !done) return done;
        }
        return {};
    });
    if (!recorded) return recorded;
    // Only after the commit, so that what could not be shown is shown by the next scan.
    shown_ = left.by_reason();
    observer_.raise();
    return {};
}

Result<void> InboxPicture::forget(store::Conditions& conditions, std::string_view queue) {
    const auto all = conditions.all();
    if (!all) return all.error();
    for (const store::Condition& condition : *all)
        if (condition.kind == kKind && queue_of(condition.about) == queue)
            if (auto done = conditions.clear(kKind, condition.about); !done) return done;
    return {};
}

Result<void> InboxPicture::set(LeftReason reason, const LeftFiles& files) {
    const std::string where = queue_ == config::kDefaultQueue ? "" : "in " + queue_ + ": ";
    const std::string text = printable(where + spool::sentence(reason, files));
    // A file that is on its way under another name is nobody's mistake; only the condition shows it. What
    // could not be taken has an event already, with more words.
    const bool has_event =
        reason != LeftReason::temporary && reason != LeftReason::hidden && reason != LeftReason::failed;
    if (has_event) journal_.note(EventKind::file_left_alone, text);
    store::Condition condition;
    condition.kind = kKind;
    condition.about = about(reason);
    condition.text = text;
    condition.files = files.count;
    condition.remedy = spool::remedy(reason);
    return store_.conditions.set(condition, clock_.now());
}

}  // namespace batchd::engine
