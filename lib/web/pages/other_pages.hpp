#pragma once

#include "config/settings.hpp"
#include "report/queues/queue_report.hpp"
#include "store/query/event_log.hpp"
#include "web/frame.hpp"

namespace batchd::web {

/// What each queue has waiting and running.
Html queues_page(const Frame& frame, const report::Status& status,
                 const std::vector<report::QueueLine>& queues);
/// `settings`: their limits.
Html providers_page(const Frame& frame, const report::Status& status, const config::Settings& settings);
/// `events`: the oldest first; `first` is whether there are none before them.
Html events_page(const Frame& frame, const report::Status& status,
                 const std::vector<store::LoggedEvent>& events);
/// What runs here and by which rules; there are no secrets in the settings that it could show.
Html about_page(const Frame& frame, const report::Status& status, const config::Settings& settings);

}  // namespace batchd::web
