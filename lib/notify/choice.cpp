#include "notify/choice.hpp"

#include <algorithm>

namespace batchd::notify {
namespace {

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_for(const Subject& notice, std::string_view name, const config::NotifyTarget& target) {
    if (!notice.target.empty()) return notice.target == name;
    if (!has(target.on, "all") && !has(target.on, notice.type)) return false;
    // What is about the whole daemon is about each queue.
    return notice.queue.empty() || target.queues.empty() || has(target.queues, notice.queue);
}

}  // namespace batchd::notify
