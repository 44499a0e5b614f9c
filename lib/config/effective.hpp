#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace batchd::config {

/// The provider of that name, [provider] for "" and for kDefaultProvider; null where there is none.
const Provider* find_provider(const Settings& settings, std::string_view name);

/// True for kDefaultQueue and for the queues of the configuration. Where a person names a queue, this decides
/// whether there is one; the inbox itself is asked for by its name, too.
bool has_queue(const Settings& settings, const std::string& name);

/// The queue with each silent value filled in from [batch], [spool] and [retry], within what its provider
/// takes: of a queue that says nothing, and of [batch], the limits are at most the provider's. The files of
/// the inbox itself are those of Queue{}. The queue's provider must be there.
Queue filled(const Settings& settings, const Queue& queue);

/// The model of requests that name none; "": such a request is a mistake. One among the defaults goes before
/// `model`, but for general defaults, which give way to what the queue says itself. `queue` as it stands in
/// the configuration, not filled.
std::string model_of(const Settings& settings, const Queue& queue);

}  // namespace batchd::config
