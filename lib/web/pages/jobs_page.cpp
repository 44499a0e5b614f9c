#include "web/pages/jobs_page.hpp"

#include <array>
#include <charconv>

#include "report/status/progress_words.hpp"
#include "web/html/words.hpp"

namespace batchd::web {
namespace {

constexpr std::size_t kSearchMax = 200;

Html option(std::string_view value, std::string_view shown, const std::string& chosen) {
    Html html;
    html << "<option value=\"" << Text(value) << "\"";
    // What was asked for stays in the form, to be asked for again with one thing changed.
    if (value == chosen) html << " selected";
    html << ">" << Text(shown) << "</option>";
    return html;
}

Html query_of(const store::JobSearch& search) {
    Html html;
    html << "queue=" << UrlPart(search.queue) << "&amp;state=" << UrlPart(search.state)
         << "&amp;q=" << UrlPart(search.text);
    return html;
}

Html filter_form(const store::JobSearch& search, const std::vector<std::string>& queues) {
    constexpr std::array kStates{"open",       "ended", "claimed", "planned",  "running",
                                 "delivering", "done",  "failed",  "rejected", "cancelled"};
    Html html;
    html << "<search><form method=\"get\" action=\"/\"><fieldset class=\"filter\">"
            "<label>Queue <select name=\"queue\">"
         << option("", "all", search.queue);
    for (const std::string& queue : queues) html << option(queue, queue, search.queue);
    html << "</select></label><label>State <select name=\"state\">" << option("", "all", search.state);
    for (const char* state : kStates) html << option(state, state, search.state);
    html << "</select></label><label>Name, number or batch <input type=\"search\" name=\"q\" "
            "maxlength=\"200\" "
            "value=\""
         << Text(search.text)
         << "\"></label><button type=\"submit\">Show</button></fieldset></form></search>";
    return html;
}

Html row(const store::JobOverview& overview, TimePoint now) {
    const store::Job& job = overview.job;
    Html html;
    // By its id a row stays the same element when it changes its place, and keeps the focus.
    html << "<tr id=\"job-" << job.id.value << "\"><td><a href=\"/jobs/" << job.id.value << "\">"
         << job.id.value << "</a></td><td class=\"name\"><a href=\"/jobs/" << job.id.value << "\">"
         << Text(job.name) << "</a></td><td>" << state_html(job.state) << "</td><td>"
         << progress_html(report::answered(overview), overview.failed, job.requests)
         << number_html(report::answered(overview)) << " of " << number_html(job.requests);
    if (overview.failed > 0) html << ", " << number_html(overview.failed) << " failed";
    html << "</td><td>" << Text(report::time_left_words(overview, now)) << "</td><td>" << Text(job.queue)
         << "</td><td class=\"why\">" << Text(report::waits_for(overview)) << "</td><td>"
         << time_html(job.created_at) << "</td></tr>";
    return html;
}

Html caption(const store::JobSearch& search) {
    Html html;
    if (search.has_open_first())
        html << "Jobs: what runs, what waits, and what has ended, the newest first";
    else if (search.state.empty())
        html << "Jobs that have ended, the newest first";
    else
        html << "Jobs, the newest first";
    return html;
}

/// To the jobs for which there was no room.
Html ways_on(const report::Status& status, const store::JobSearch& search) {
    Html html;
    // A page that is not full has all that there is.
    if (status.jobs.size() < search.count_max) return html;
    const store::JobOverview& last = status.jobs.back();
    if (!search.has_open_first() || store::is_final(last.job.state)) {
        // By the number of the last one and not by a page: new jobs come on top all the time, and pages would
        // shift under the reader.
        html << "<p><a id=\"older\" rel=\"next\" href=\"/?" << query_of(search)
             << "&amp;before=" << last.job.id.value << "\">Older jobs</a></p>";
        return html;
    }
    store::JobSearch open = search, ended = search;
    open.state = "open";
    ended.state = "ended";
    html << "<p>";
    if (status.has_more_open)
        html << "Only " << number_html(status.jobs.size())
             << " of the jobs that have not ended are here: <a id=\"all-open\" href=\"/?" << query_of(open)
             << "\">all of them</a>. ";
    return std::move(html << "<a id=\"all-ended\" href=\"/?" << query_of(ended)
                          << "\">Jobs that have ended</a></p>");
}

}  // namespace

store::JobSearch search_of(const Fields& query) {
    store::JobSearch search;
    search.queue = query["queue"];
    search.state = query["state"];
    // Cut and not refused: a search is typed by hand, and finds what its beginning finds.
    search.text = query["q"].substr(0, kSearchMax);
    search.count_max = kJobsShown;
    const std::string& before = query["before"];
    const auto [end, ec] = std::from_chars(before.data(), before.data() + before.size(), search.before);
    // Anything that is no number is the first page, and no error: the address was typed or cut.
    if (ec != std::errc{} || end != before.data() + before.size() || search.before < 0) search.before = 0;
    return search;
}

Html jobs_table(const report::Status& status, const store::JobSearch& search) {
    Html html;
    html << "<p aria-live=\"polite\">" << Text(report::status_summary(status)) << "</p>";
    if (status.jobs.empty()) return std::move(html << "<p>There is no such job.</p>");
    html << "<div class=\"wide\" tabindex=\"0\"><table><caption>" << caption(search)
         << "</caption><thead><tr>"
            "<th scope=\"col\">Job</th><th scope=\"col\">Name</th><th scope=\"col\">State</th>"
            "<th scope=\"col\">Answered</th><th scope=\"col\">Left</th><th scope=\"col\">Queue</th>"
            "<th scope=\"col\">What next</th><th scope=\"col\">Taken</th></tr></thead><tbody>";
    for (const store::JobOverview& job : status.jobs) html << row(job, status.now);
    html << "</tbody></table></div>" << ways_on(status, search);
    return html;
}

Html jobs_page(const Frame& frame, const report::Status& status, const store::JobSearch& search,
               const std::vector<std::string>& queues) {
    Html body;
    body << filter_form(search, queues) << "<div id=\"live\" hx-swap=\"innerMorph\" hx-sse:connect=\"/live?"
         << query_of(search) << "&amp;before=" << search.before << "\">" << jobs_table(status, search)
         << "</div>";
    return page_html(frame, "Jobs", &status, body);
}

}  // namespace batchd::web
