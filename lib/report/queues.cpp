#include "report/queues.hpp"

#include <map>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "config/effective.hpp"
#include "report/json_values.hpp"

namespace batchd::report {
namespace {

namespace json = boost::json;

QueueState state_of(const std::string& name, const config::Settings& settings, const config::Queue& queue) {
    const config::Queue all = config::filled(settings, queue);
    return {.name = name,
            .provider = queue.provider.empty() ? "default" : queue.provider,
            .model = all.model.value_or(""),
            .load = {}};
}

}  // namespace

Result<std::vector<QueueState>> read_queues(store::Store& store, const config::Settings& settings) {
    const auto loads = store::load_of_queues(store.database);
    if (!loads) return loads.error();
    std::map<std::string, QueueState> by_name;
    by_name.emplace("default", state_of("default", settings, config::Queue{}));
    for (const auto& [name, queue] : settings.queues) by_name.emplace(name, state_of(name, settings, queue));
    for (const store::QueueLoad& load : *loads) {
        // A queue that was removed has its jobs until they have ended.
        auto [place, is_new] = by_name.try_emplace(load.queue);
        if (is_new) place->second.name = load.queue;
        place->second.load = load;
    }
    std::vector<QueueState> queues;
    for (auto& [name, queue] : by_name) queues.push_back(std::move(queue));
    return queues;
}

std::string queues_json(const std::vector<QueueState>& queues) {
    json::array all;
    for (const QueueState& queue : queues)
        all.push_back({{"name", printable(queue.name)},
                       {"provider", text_or_null(queue.provider)},
                       {"model", text_or_null(queue.model)},
                       {"files_waiting", queue.load.files_waiting},
                       {"requests_waiting", queue.load.requests_waiting},
                       {"jobs_running", queue.load.jobs_running},
                       {"batches_in_flight", queue.load.batches_in_flight},
                       {"next_at", nullptr},
                       {"why", nullptr},
                       {"spent", nullptr},
                       {"budget", nullptr}});
    return json::serialize(json::object{{"queues", std::move(all)}});
}

}  // namespace batchd::report
