#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/disk/file.hpp"

/// The hidden files under which files are written into the inbox (InboxDrop), and what is left of them where
/// their writer was killed. Who writes one holds it with a shared lock until it has its name.
namespace batchd::spool {

/// Who writes it. It shows in the name only.
enum class DropWriter { submit, page };

/// A new name, such as ".submit-UUID.part".
std::string new_hidden_name(DropWriter writer);
/// True for names that new_hidden_name() makes.
bool is_hidden_name(std::string_view file_name);

/// Says that somebody is at the open file, until it is closed. False: it was removed before that, as one that
/// was left. Where the file system knows no locks it only looks.
bool hold_hidden(int fd);

/// Removes those of these hidden files that nobody is at any more. One that its writer may be at without
/// holding it, which is asked of the kernel, stays, and where the kernel can't tell, for an hour. Blocking.
/// Errors: errno; of one file they are no reason to leave the next.
Result<void> remove_left_drops(const Path& inbox, const std::vector<std::string>& names, TimePoint now);
/// All that there are in an inbox; likewise.
Result<void> remove_left_drops(const Path& inbox, TimePoint now);

}  // namespace batchd::spool
