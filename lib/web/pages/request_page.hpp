#pragma once

#include "web/frame.hpp"
#include "web/requests/find_request.hpp"

namespace batchd::web {

/// Where one is chosen, on a job's page; nothing where requests are not shown.
Html request_form(const Frame& frame, const store::Job& job);

/// A request beside its answer.
Html request_page(const Frame& frame, const store::Job& job, const FoundRequest& found);

}  // namespace batchd::web
