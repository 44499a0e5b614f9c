#pragma once

#include "report/check_report.hpp"
#include "web/frame.hpp"

namespace batchd::web {

/// Where a file is chosen.
Html submit_page(const Frame& frame, const report::Status* present, const std::vector<std::string>& queues);

/// What the check found, and the choice: send it, or throw it away.
Html checked_page(const Frame& frame, const std::string& upload_id, const std::string& queue,
                  const report::CheckedFile& file);

/// What became of one that was sent: it is in the inbox as `file`, whoever asks and however often.
Html sent_page(const Frame& frame, const std::string& queue, const std::string& file);

}  // namespace batchd::web
