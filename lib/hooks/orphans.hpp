#pragma once

#include <string_view>

namespace batchd::hooks {

/// From here on, what a program leaves behind becomes a child of ours when its parent ends, also what has a
/// session of its own. Source: PR_SET_CHILD_SUBREAPER, prctl(2).
void adopt_orphans();

/// Kills those of them that have `mark`, "NAME=value", in the environment that they were started with, and
/// what comes to us by that in turn; waits for the end of each, a moment at most. Takes the status of those
/// that have ended meanwhile. A child of ours that leads a group in our session is a program, and no orphan.
void end_orphans(std::string_view mark);

}  // namespace batchd::hooks
