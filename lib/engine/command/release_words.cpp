#include "engine/command/release_words.hpp"

#include "base/units.hpp"

namespace batchd::engine {
namespace {

/// What waits for money, a turn to ask for it aside, which comes in a moment.
std::uint64_t files_without_money(const Released& released) {
    std::uint64_t files = 0;
    for (const store::MoneyWaits& each : released.without_money)
        if (each.what != store::MoneyWait::turn) files += each.files;
    return files;
}

std::string what_has_gone(const std::string& queue, const WaitingFiles& gone) {
    return count_of(gone.requests, "request", "requests") + " of " + count_of(gone.files, "file", "files") +
           " in " + queue + (gone.requests == 1 ? " is sent" : " are sent");
}

std::string what_follows(std::uint64_t unread, const std::string& where) {
    return count_of(unread, "file", "files") + where +
           (unread == 1 ? " that is still being read goes as soon as it is"
                        : " that are still being read go as soon as they are");
}

/// Of `files`, at least one, that a release leaves where they are.
std::string what_stays(const std::string& queue, std::uint64_t files) {
    return "; " + count_of(files, "file waits", "files wait") + " for money: `batchd release " + queue +
           " --over-budget` sends " + (files == 1 ? "it" : "them");
}

}  // namespace

std::string what_a_release_does(const std::string& queue, const Released& released) {
    std::string text;
    if (released.gone.files > 0) text = what_has_gone(queue, released.gone);
    if (released.unread > 0)
        text += text.empty() ? what_follows(released.unread, " in " + queue)
                             : "; " + what_follows(released.unread, "");
    if (!text.empty() && released.is_held_to_budget)
        text += ", as far as the queue's budget has money for them";
    if (released.gone.files > 0) return text;
    const std::uint64_t files = files_without_money(released);
    if (text.empty()) text = "nothing waits in " + queue + (files > 0 ? " for its time" : "");
    return files > 0 ? text + what_stays(queue, files) : text;
}

}  // namespace batchd::engine
