#pragma once

#include <string>

#include "report/status/status.hpp"
#include "web/html/html.hpp"

namespace batchd::web {

/// What is around every page.
struct Frame {
    std::string version;         ///< of batchd
    std::string form_token;      ///< that a form brings back
    bool read_only = false;      ///< no page has a form that changes something
    bool show_requests = false;  ///< a job's page leads to its requests and answers
};

/// What needs a person, and whether the daemon runs: the top of every page.
Html strip_html(const report::Status& status);

/// The same for a page that is open: it takes the place of the one that is there.
Html live_strip(const report::Status& status);

/// The hidden field that every form which changes something has.
Html form_field(const Frame& frame);

/// A whole page. `present` is empty where the state can't be read, which `body` says then.
Html page_html(const Frame& frame, std::string_view title, const report::Status* present, const Html& body);

/// Something went wrong; what and why, and the way back.
Html message_page(const Frame& frame, std::string_view title, std::string_view what);

}  // namespace batchd::web
