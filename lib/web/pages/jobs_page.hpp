#pragma once

#include "store/query/job_search.hpp"
#include "web/frame.hpp"
#include "web/request/form.hpp"

namespace batchd::web {

/// How many jobs a page has.
inline constexpr std::size_t kJobsShown = 50;

/// What a query asks for: ?queue=&state=&q=&before=.
store::JobSearch search_of(const Fields& query);

/// The list, which is live.
Html jobs_table(const report::Status& status, const store::JobSearch& search);
/// All of the page. `queues` are those to choose from.
Html jobs_page(const Frame& frame, const report::Status& status, const store::JobSearch& search,
               const std::vector<std::string>& queues);

}  // namespace batchd::web
