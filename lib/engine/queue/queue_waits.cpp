#include "engine/queue/queue_waits.hpp"

namespace batchd::engine {

bool waits_for_company(const config::Settings& settings, const std::string& queue) {
    const auto found = settings.queues.find(queue);
    if (found == settings.queues.end()) return false;
    const config::Queue& rules = found->second;
    return rules.collect > Millis{0} || rules.collect_requests || !rules.schedule.empty();
}

}  // namespace batchd::engine
