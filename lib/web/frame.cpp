#include "web/frame.hpp"

#include <algorithm>

#include "report/status/causes.hpp"
#include "web/html/words.hpp"

namespace batchd::web {
namespace {

Html links() {
    Html html;
    html
        << "<header><nav aria-label=\"Pages\"><ul><li><strong>batchd</strong></li></ul><ul>"
           "<li><a href=\"/\">Jobs</a></li><li><a href=\"/submit\">Submit</a></li>"
           "<li><a href=\"/queues\">Queues</a></li><li><a href=\"/providers\">Providers</a></li>"
           "<li><a href=\"/spending\">Spending</a></li>"
           "<li><a href=\"/events\">Events</a></li><li><a href=\"/about\">About</a></li></ul></nav></header>";
    return html;
}

Html job_link(store::JobId job) {
    Html html;
    html << "<a href=\"/jobs/" << job.value << "\">job " << job.value << "</a>";
    return html;
}

/// "batch batch_abc of job 3, job 4 and 7 more jobs".
Html subject_html(const store::BatchSubject& batch) {
    Html html;
    html << "batch " << Text(batch.batch_id.empty() ? "that is not made yet" : batch.batch_id);
    const char* between = " of ";
    for (const store::JobId job : batch.jobs) {
        html << Text(between) << job_link(job);
        between = ", ";
    }
    if (batch.jobs_total > batch.jobs.size())
        html << " and " << number_html(batch.jobs_total - batch.jobs.size()) << " more jobs";
    return html;
}

/// What waits, where the text of the condition does not say it.
Html about_html(const report::Status& status, const store::Condition& condition) {
    Html html;
    const auto batch = status.subjects.find(condition.about);
    if (batch != status.subjects.end()) return std::move(html << ": " << subject_html(batch->second));
    if (condition.job) return std::move(html << ": " << job_link(*condition.job));
    // Files that are left alone are told of by a reason, for programs.
    if (condition.kind != "left_alone") html << ": " << Text(condition.about);
    return html;
}

Html overdue_item(const store::BatchSubject& batch) {
    Html html;
    html << "<li><strong>overdue</strong>: " << subject_html(batch);
    if (batch.expires_at) html << " should have ended " << time_html(batch.expires_at);
    return std::move(html << " <small>since " << time_html(batch.overdue_at) << "</small></li>");
}

Html condition_item(const report::Status& status, const store::Condition& condition) {
    Html html;
    html << "<li><strong>" << Text(condition.kind) << "</strong>" << about_html(status, condition) << " "
         << Text(condition.text) << " <small>since " << time_html(condition.since) << "</small></li>";
    return html;
}

}  // namespace

Html strip_html(const report::Status& status) {
    Html html;
    if (!status.pid)
        html << "<p class=\"need\" role=\"status\"><strong>The daemon does not run.</strong> What is dropped "
                "is "
                "taken when it starts.</p>";
    // The same order as in `batchd status`: what only a person can mend comes first.
    const auto needs = report::in_order_of_need(status.conditions);
    if (needs.empty() && status.overdue.empty()) return html;
    html << "<section class=\"need\" aria-label=\"What is waited for\"><ul>";
    // A page with a thousand conditions would hide those that a person can do something about.
    const std::size_t shown = std::min(needs.size(), report::kNeedsShown);
    for (std::size_t i = 0; i < shown; ++i) html << condition_item(status, needs[i]);
    for (const store::BatchSubject& batch : status.overdue) html << overdue_item(batch);
    if (needs.size() > shown || status.overdue.size() >= report::kNeedsShown)
        html << "<li>and more: <code>batchd status --json</code> and the view <code>overdue</code> have all "
                "of "
                "them</li>";
    html << "</ul></section>";
    return html;
}

Html live_strip(const report::Status& status) {
    Html html;
    // Beside what was asked for, so that one event changes both places of the page.
    html << "<div id=\"strip\" hx-swap-oob=\"innerMorph\">" << strip_html(status) << "</div>";
    return html;
}

Html form_field(const Frame& frame) {
    Html html;
    html << "<input type=\"hidden\" name=\"form\" value=\"" << Text(frame.form_token) << "\">";
    return html;
}

Html page_html(const Frame& frame, std::string_view title, const report::Status* present, const Html& body) {
    Html html;
    // Scripts hold nothing up: the page is whole without them, and they only make it live.
    html << "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"color-scheme\" content=\"light dark\"><title>"
         << Text(title)
         << " · batchd</title><link rel=\"stylesheet\" href=\"/assets/pico.classless.min.css\">"
            "<link rel=\"stylesheet\" href=\"/assets/page.css\"><link rel=\"icon\" href=\"data:,\">"
            "<script defer src=\"/assets/hx-sse.min.js\"></script>"
            "<script defer src=\"/assets/page.js\"></script></head><body>"
         << links() << "<main>";
    if (present != nullptr) html << "<div id=\"strip\">" << strip_html(*present) << "</div>";
    html << "<h1>" << Text(title) << "</h1>" << body << "</main><footer><small>batchd "
         << Text(frame.version);
    if (frame.read_only) html << " · this page only shows";
    // Not deferred, and so the first of the three: it then waits for the others before it looks at the page.
    // Deferred it looks at once, and where its extension comes a moment later nothing is live.
    html << "</small></footer><script src=\"/assets/htmx.min.js\"></script></body></html>\n";
    return html;
}

Html message_page(const Frame& frame, std::string_view title, std::string_view what) {
    Html body;
    body << "<p>" << Text(what) << "</p><p><a href=\"/\">Go on to the jobs</a></p>";
    return page_html(frame, title, nullptr, body);
}

}  // namespace batchd::web
