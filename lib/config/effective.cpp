#include "config/effective.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace batchd::config {
namespace {

/// "" where they name none.
std::string model_among(const std::string& defaults) {
    boost::json::error_code ec;
    const boost::json::value all = boost::json::parse(defaults, ec);
    if (ec || !all.is_object()) return {};
    const boost::json::value* const model = all.get_object().if_contains("model");
    return model == nullptr || !model->is_string() ? std::string() : std::string(model->get_string());
}

}  // namespace

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

std::string model_of(const Settings& settings, const Queue& queue) {
    const std::string own = queue.model.value_or("");
    if (!queue.defaults && !own.empty()) return own;
    const std::string among = model_among(queue.defaults.value_or(settings.batch.defaults));
    return among.empty() ? queue.model.value_or(settings.batch.model) : among;
}

}  // namespace batchd::config
