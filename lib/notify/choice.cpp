#include "notify/choice.hpp"

#include <algorithm>

namespace batchd::notify {
namespace {

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Of a batch that jobs of several queues share, the people of each are told.
bool has_any(const std::vector<std::string>& words, std::string_view with_commas) {
    for (;;) {
        const std::size_t comma = with_commas.find(',');
        if (has(words, with_commas.substr(0, comma))) return true;
        if (comma == std::string_view::npos) return false;
        with_commas.remove_prefix(comma + 1);
    }
}

}  // namespace

bool is_for(const Subject& notice, std::string_view name, const config::NotifyTarget& target) {
    if (!notice.target.empty()) return notice.target == name;
    if (!has(target.on, "all") && !has(target.on, notice.type)) return false;
    // What is about the whole daemon is about each queue.
    return notice.queue.empty() || target.queues.empty() || has_any(target.queues, notice.queue);
}

}  // namespace batchd::notify
