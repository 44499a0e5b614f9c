#include "engine/intake/inbox_picture.hpp"

namespace batchd::engine {

using spool::LeftFiles;
using spool::LeftReason;

Result<void> InboxPicture::show(const spool::LeftAlone& left) {
    if (is_first_)
        if (auto done = forget_earlier_run(); !done) return done;
    is_first_ = false;
    if (left.by_reason() == shown_) return {};
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        for (const auto& [reason, files] : shown_)
            if (!left.by_reason().contains(reason))
                if (auto done = ports_.store.conditions.clear(kKind, to_string(reason)); !done) return done;
        for (const auto& [reason, files] : left.by_reason()) {
            const auto before = shown_.find(reason);
            if (before != shown_.end() && before->second == files) continue;
            if (auto done = set(reason, files); !done) return done;
        }
        return {};
    });
    if (!recorded) return recorded;
    shown_ = left.by_reason();
    ports_.wakes.observer.raise();
    return {};
}

Result<void> InboxPicture::forget_earlier_run() {
    const auto all = ports_.store.conditions.all();
    if (!all) return all.error();
    for (const store::Condition& condition : *all)
        if (condition.kind == kKind)
            if (auto done = ports_.store.conditions.clear(kKind, condition.about); !done) return done;
    return {};
}

Result<void> InboxPicture::set(LeftReason reason, const LeftFiles& files) {
    const std::string text = printable(spool::sentence(reason, files));
    // A file that is on its way under another name is nobody's mistake; only the condition shows it.
    if (reason != LeftReason::temporary) ports_.journal.note(EventKind::file_left_alone, text);
    store::Condition condition;
    condition.kind = kKind;
    condition.about = to_string(reason);
    condition.text = text;
    condition.files = files.count;
    condition.remedy = spool::remedy(reason);
    return ports_.store.conditions.set(condition, ports_.clock.now());
}

}  // namespace batchd::engine
