#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/async/wake.hpp"
#include "base/clock.hpp"
#include "engine/record/journal.hpp"
#include "spool/inbox/left_alone.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Shows what is in the inbox and not taken: a row of `conditions` for each reason, and an event when the
/// picture changes.
class InboxPicture {
public:
    /// Of the conditions; about is the word of the reason (spool::LeftReason), behind QUEUE/ where it is
    /// about the folder of a queue.
    static constexpr std::string_view kKind = "left_alone";
    /// Whose folder the condition with this `about` is about.
    static std::string queue_of(std::string_view about);
    /// Takes away what is shown of the folder of a queue that nobody looks at any more, or not yet: what an
    /// earlier run left alone may have gone meanwhile.
    static Result<void> forget(store::Conditions& conditions, std::string_view queue);

    /// `observer` is raised when the picture has changed.
    InboxPicture(store::Store& store, const Clock& clock, Journal& journal, Wake& observer, std::string queue)
        : store_(store), clock_(clock), journal_(journal), observer_(observer), queue_(std::move(queue)) {}

    /// What a whole scan has found. Errors are those of the database; then it is shown again by the next one.
    Result<void> show(const spool::LeftAlone& left);

private:
    using Picture = std::map<spool::LeftReason, spool::LeftFiles>;
    /// Shows one reason. Part of the caller's transaction.
    Result<void> set(spool::LeftReason reason, const spool::LeftFiles& files);

    std::string about(spool::LeftReason reason) const;

    store::Store& store_;
    const Clock& clock_;
    Journal& journal_;
    Wake& observer_;
    std::string queue_;
    bool is_first_ = true;
    Picture shown_;
};

}  // namespace batchd::engine
