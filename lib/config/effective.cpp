#include "config/effective.hpp"

#include <algorithm>

namespace batchd::config {

const Provider* find_provider(const Settings& settings, std::string_view name) {
    if (name.empty() || name == kDefaultProvider) return &settings.provider;
    const auto found = settings.providers.find(std::string(name));
    return found == settings.providers.end() ? nullptr : &found->second;
}

bool has_queue(const Settings& settings, const std::string& name) {
    return name == kDefaultQueue || settings.queues.contains(name);
}

Queue filled(const Settings& settings, const Queue& queue) {
    const Batch& batch = settings.batch;
    // contradictions() has seen to it that there is one.
    const Provider& provider = *find_provider(settings, queue.provider);
    const auto fill = [](auto& value, const auto& general) {
        if (!value) value = general;
    };
    Queue all = queue;
    fill(all.endpoint, batch.endpoint);
    fill(all.model, batch.model);
    fill(all.completion_window, batch.completion_window);
    fill(all.metadata, batch.metadata);
    fill(all.defaults, batch.defaults);
    fill(all.share, batch.share);
    // The general ones may be more than this queue's provider takes, and are cut for it. What a queue says
    // itself must fit, and is refused where it does not.
    fill(all.max_requests, std::min(batch.max_requests, provider.max_requests));
    fill(all.max_bytes, std::min(batch.max_bytes, provider.max_bytes));
    fill(all.enqueued_tokens, batch.enqueued_tokens);
    fill(all.on_invalid_line, settings.spool.on_invalid_line);
    fill(all.row_attempts, settings.retry.row_attempts);
    return all;
}

}  // namespace batchd::config
