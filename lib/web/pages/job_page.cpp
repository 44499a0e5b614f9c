#include "web/pages/job_page.hpp"

#include "report/status/progress_words.hpp"
#include "web/html/money.hpp"
#include "web/html/time_chart.hpp"
#include "web/html/words.hpp"
#include "web/pages/request_page.hpp"

namespace batchd::web {
namespace {

/// When it was over, or when it has to be.
Html end_html(const store::Batch& batch) {
    Html html;
    if (batch.ended_at) return time_html(batch.ended_at);
    if (batch.expires_at)
        html << "by " << time_html(batch.expires_at);
    else
        html << "—";
    if (batch.overdue_at)
        html << "<div><strong>overdue</strong> since " << time_html(batch.overdue_at) << "</div>";
    return html;
}

/// While it runs nobody knows either.
Html bill_cells(const store::Batch& batch) {
    Html html;
    // Tokens are counted with the answers, and so are not known before these are here.
    if (batch.phase != store::BatchPhase::collected && !batch.left_at)
        return std::move(html << "<td>—</td><td>—</td>");
    html << "<td>" << tokens_html(batch.input_tokens, batch.output_tokens, batch.spent)
         << "</td><td class=\"number\">" << money_html(batch.spent.cost);
    if (batch.spent.cost && batch.spent.unpriced > 0)
        html << "<div>and " << number_html(batch.spent.unpriced) << " unknown</div>";
    return std::move(html << "</td>");
}

Html batch_row(const store::Batch& batch, const TimeSpan& whole) {
    Html html;
    html << "<tr id=\"batch-" << batch.id.value << "\"><td>" << batch.shard << "." << batch.attempt
         << "</td><td class=\"name\">" << Text(batch.batch_id) << "</td><td>" << Text(batch.status)
         << "</td><td>" << Text(batch.model) << "</td><td>"
         << progress_html(batch.completed, batch.failed, batch.requests) << number_html(batch.completed)
         << " of " << number_html(batch.requests) << "</td>" << bill_cells(batch) << "<td>"
         << span_bar(whole, batch.submitted_at, batch.ended_at) << "</td><td>"
         << time_html(batch.submitted_at) << "</td><td>" << end_html(batch) << "</td><td class=\"why\">"
         << Text(batch.held.empty() ? batch.error : batch.held) << "</td></tr>";
    return html;
}

/// From its claim to its end, or to now.
TimeSpan life_of(const store::Job& job, TimePoint now) {
    return {job.created_at, job.finished_at.value_or(now)};
}

/// With one batch it would be one step, which the bar above says better.
Html progress_over_time(const report::Status::Details& details, const store::Job& job,
                        const TimeSpan& whole) {
    std::vector<ProgressStep> steps;
    for (const store::Batch& batch : details.batches)
        if (batch.ended_at) steps.push_back({*batch.ended_at, batch.completed, batch.failed});
    Html html;
    if (steps.size() < 2) return html;
    html << "<figure class=\"chart\"><figcaption><span class=\"key answered\">answered</span> <span "
            "class=\"key failed\">failed</span> over time, of "
         << number_html(job.requests) << "</figcaption>"
         << progress_chart(whole, std::move(steps), job.requests) << "<div class=\"axis\">"
         << time_html(whole.begin) << time_html(whole.end) << "</div></figure>";
    return html;
}

Html batches_table(const report::Status::Details& details, const TimeSpan& whole) {
    Html html;
    if (details.batches.empty()) return html;
    html << "<div class=\"wide\" tabindex=\"0\"><table><caption>Batches</caption><thead><tr><th "
            "scope=\"col\">Part</th>"
            "<th scope=\"col\">At the provider</th><th scope=\"col\">Status</th><th scope=\"col\">Model</th>"
            "<th scope=\"col\">Answered</th><th scope=\"col\">Tokens</th><th scope=\"col\">USD</th>"
            "<th scope=\"col\">When</th><th scope=\"col\">Submitted</th><th scope=\"col\">Ends</th>"
            "<th scope=\"col\">Why</th></tr></thead><tbody>";
    for (const store::Batch& batch : details.batches) html << batch_row(batch, whole);
    html << "</tbody></table></div>";
    return html;
}

Html events_list(const report::Status::Details& details) {
    Html html;
    html << "<section id=\"events\" aria-label=\"Events\"><h2>What happened</h2>";
    if (details.events.size() >= kJobEventsShown)
        html << "<p><small>The last " << number_html(kJobEventsShown)
             << " events; <code>batchd events</code> has all of them.</small></p>";
    html << "<ol class=\"timeline\">";
    for (const store::Event& event : details.events)
        html << "<li>" << time_html(event.at) << " <strong>" << Text(event.kind) << "</strong> "
             << Text(event.detail) << "</li>";
    html << "</ol></section>";
    return html;
}

Html example_html(const Frame& frame, const store::Job& job, const report::FailedRequest& example) {
    Html html;
    html << "<div>";
    if (frame.show_requests && !example.custom_id.empty())
        html << "<a href=\"/jobs/" << job.id.value << "/request?id=" << UrlPart(example.custom_id) << "\">"
             << Text(example.custom_id) << "</a>";
    else
        html << Text(example.custom_id);
    html << " <small>(line " << example.line_number << " of errors.jsonl)</small></div>";
    return html;
}

Html error_group(const Frame& frame, const store::Job& job, const report::ErrorGroup& group) {
    Html html;
    html << "<tr><td>" << number_html(group.requests) << "</td><td>";
    if (group.status_code > 0) html << group.status_code;
    html << "</td><td>" << Text(group.code) << "</td><td class=\"why\">" << Text(group.message)
         << "</td><td>";
    for (const report::FailedRequest& example : group.examples) html << example_html(frame, job, example);
    html << "</td></tr>";
    return html;
}

Html errors_section(const Frame& frame, const store::Job& job, const report::Status::Details& details) {
    Html html;
    if (!details.errors || details.errors->groups.empty()) return html;
    html << "<section id=\"reasons\"><h2>Why requests failed</h2><div class=\"wide\" "
            "tabindex=\"0\"><table><caption>Reasons, the largest "
            "first</caption><thead><tr><th scope=\"col\">Requests</th><th scope=\"col\">Status</th>"
            "<th scope=\"col\">Code</th><th scope=\"col\">Message</th><th scope=\"col\">For example</th></tr>"
            "</thead><tbody>";
    for (const report::ErrorGroup& group : details.errors->groups) html << error_group(frame, job, group);
    html << "</tbody></table></div>";
    // Grouped by reason, the largest first; a thousand reasons are rather one mistake in a thousand forms.
    if (details.errors->others > 0)
        html << "<p>" << number_html(details.errors->others) << " more for other reasons.</p>";
    html << "</section>";
    return html;
}

Html files_section(const store::Job& job, const std::vector<JobFile>& files) {
    Html html;
    // A job that runs has none yet, and one whose folder was moved away has none any more.
    if (files.empty()) return html;
    html << "<section id=\"files\"><h2>Files</h2><ul>";
    for (const JobFile& file : files)
        html << "<li><a href=\"/jobs/" << job.id.value << "/files/" << UrlPart(file.name) << "\" download>"
             << Text(file.name) << "</a> <small>" << number_html(file.size_bytes) << " bytes</small></li>";
    html << "<li><a href=\"/jobs/" << job.id.value
         << "/folder.tar\" download>all of them</a> <small>as one archive (.tar)</small></li>";
    html << "</ul><p><small>" << Text(job.delivered_to) << "</small></p></section>";
    return html;
}

/// One form, one button, and beside it what it costs, before it is pressed. A button that would be refused is
/// not shown; the daemon decides all the same.
Html retry_form(const Frame& frame, const store::Job& job) {
    Html html;
    if (frame.read_only || !store::is_final(job.state) || job.failed == 0) return html;
    html << "<form id=\"retry\" method=\"post\" action=\"/jobs/" << job.id.value << "/retry\">"
         << form_field(frame) << "<p>" << number_html(job.failed)
         << " requests are sent again, as a new job, and are charged.</p>"
            "<button id=\"retry-button\" type=\"submit\">Retry what failed</button></form>";
    return html;
}

Html cancel_form(const Frame& frame, const store::Job& job) {
    Html html;
    if (frame.read_only || store::is_final(job.state)) return html;
    html << "<form id=\"cancel\" method=\"post\" action=\"/jobs/" << job.id.value << "/cancel\">"
         << form_field(frame)
         << "<p>What is answered by then is charged, and delivered.</p>"
            "<button id=\"cancel-button\" type=\"submit\" class=\"secondary\">Cancel the job</button></form>";
    return html;
}

Html summary(const store::JobOverview& overview, TimePoint now) {
    const store::Job& job = overview.job;
    Html html;
    html << "<p>" << state_html(job.state) << " " << Text(report::waits_for(overview)) << " "
         << Text(report::time_left_words(overview, now)) << "</p>"
         << progress_html(report::answered(overview), overview.failed, job.requests)
         << "<p aria-live=\"polite\">" << number_html(report::answered(overview)) << " answered, "
         << number_html(overview.failed) << " failed, of " << number_html(job.requests) << " requests; "
         << tokens_html(job.input_tokens, job.output_tokens, job.spent) << "</p>";
    // Of a file that was rejected nothing was sent.
    if (job.state != store::JobState::rejected)
        html << spent_html(job.spent, store::is_final(job.state) ? Bill::is_final : Bill::goes_on);
    if (!job.reason.empty()) html << "<p class=\"need\">" << Text(job.reason) << "</p>";
    // What a person needs to find it again elsewhere: in the log, in the folders, at the provider.
    html << "<p><small>Queue " << Text(job.queue) << " · provider " << Text(job.provider) << " · taken "
         << time_html(job.created_at) << " · ended " << time_html(job.finished_at);
    if (job.retry_of)
        html << " · again what failed of <a id=\"retry-of\" href=\"/jobs/" << job.retry_of->value << "\">job "
             << job.retry_of->value << "</a>";
    return std::move(html << "</small></p>");
}

}  // namespace

Html job_live(const Frame& frame, const report::Status& status, const std::vector<JobFile>& files) {
    const store::JobOverview& overview = status.jobs.front();
    const store::Job& job = overview.job;
    const TimeSpan whole = life_of(job, status.now);
    Html html;
    // How far it is; then, of a job that has ended, the answers, and why some are missing. What two states
    // have has an id, by which it stays the same element, with the focus where it is.
    html << "<section id=\"progress\" aria-label=\"Progress\">" << summary(overview, status.now)
         << progress_over_time(*status.details, job, whole) << "</section>" << files_section(job, files)
         << errors_section(frame, job, *status.details) << retry_form(frame, job)
         << "<section id=\"batches\" aria-label=\"Batches\">" << batches_table(*status.details, whole)
         << "</section>" << events_list(*status.details) << request_form(frame, job)
         << cancel_form(frame, job);
    return html;
}

Html job_page(const Frame& frame, const report::Status& status, const std::vector<JobFile>& files) {
    const store::Job& job = status.jobs.front().job;
    Html body;
    body << "<div id=\"live\"";
    // Nothing changes any more of a job that has ended, and a stream for it would only be held open.
    if (!store::is_final(job.state))
        body << " hx-swap=\"innerMorph\" hx-sse:connect=\"/live?job=" << job.id.value << "\"";
    body << ">" << job_live(frame, status, files) << "</div>";
    return page_html(frame, "Job " + std::to_string(job.id.value) + ": " + job.name, &status, body);
}

}  // namespace batchd::web
