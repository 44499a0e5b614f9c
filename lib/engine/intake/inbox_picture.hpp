#pragma once

#include <map>

#include "engine/ports.hpp"
#include "spool/inbox/left_alone.hpp"

namespace batchd::engine {

/// Shows what is in the inbox and not taken: a row of `conditions` for each reason, and an event when the
/// picture changes.
class InboxPicture {
public:
    /// Of the conditions; about is the word of the reason (spool::LeftReason).
    static constexpr std::string_view kKind = "left_alone";

    explicit InboxPicture(Ports& ports) : ports_(ports) {}

    /// What a whole scan has found. Errors are those of the database; then it is shown again by the next one.
    Result<void> show(const spool::LeftAlone& left);

private:
    using Picture = std::map<spool::LeftReason, spool::LeftFiles>;
    Result<void> forget_earlier_run();
    Result<void> set(spool::LeftReason reason, const spool::LeftFiles& files);

    Ports& ports_;
    bool is_first_ = true;
    Picture shown_;
};

}  // namespace batchd::engine
