#pragma once

#include <vector>

#include "web/download/job_files.hpp"
#include "web/frame.hpp"

namespace batchd::web {

/// Events of a job that its page has: those that came last.
inline constexpr std::size_t kJobEventsShown = 100;

/// What changes of a job's page while it is open: all but its title. It has a form's token in it, so it is
/// for one session. `status` is that of one job; `files` are known once it has ended.
Html job_live(const Frame& frame, const report::Status& status, const std::vector<JobFile>& files);
/// All of the page.
Html job_page(const Frame& frame, const report::Status& status, const std::vector<JobFile>& files);

}  // namespace batchd::web
