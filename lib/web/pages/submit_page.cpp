#include "web/pages/submit_page.hpp"

#include "web/html/money.hpp"
#include "web/html/words.hpp"

namespace batchd::web {
namespace {

Html bad_lines(const report::CheckedFile& file) {
    Html html;
    if (file.bad_lines.empty()) return html;
    html << "<div class=\"wide\" tabindex=\"0\"><table><caption>" << number_html(file.bad_lines_total)
         << " lines can't be sent</caption><thead><tr><th scope=\"col\">Line</th><th scope=\"col\">Id</th>"
            "<th scope=\"col\">What is wrong</th></tr></thead><tbody>";
    for (const report::BadLine& bad : file.bad_lines)
        html << "<tr><td>" << number_html(bad.line_number) << "</td><td class=\"name\">"
             << Text(bad.custom_id) << "</td><td class=\"why\">" << Text(bad.what) << "</td></tr>";
    html << "</tbody></table></div>";
    if (file.bad_lines_total > file.bad_lines.size())
        html << "<p>Only the first " << number_html(file.bad_lines.size()) << " are shown.</p>";
    return html;
}

Html warnings(const report::CheckedFile& file) {
    Html html;
    if (file.warnings.empty()) return html;
    html << "<ul>";
    for (const report::CheckWarning& warning : file.warnings) {
        html << "<li>";
        if (warning.line_number > 0) html << "Line " << number_html(warning.line_number) << ": ";
        html << Text(warning.what);
        if (warning.lines > 1) html << " (" << number_html(warning.lines) << " lines)";
        html << "</li>";
    }
    return std::move(html << "</ul>");
}

/// All of them together. What nobody knows a price of is in no sum, so it is said beside it.
Html total_row(const std::vector<report::PlannedBatch>& batches) {
    report::PlannedBatch total;
    std::uint64_t unpriced = 0;
    for (const report::PlannedBatch& batch : batches) {
        total.requests += batch.requests;
        total.size_bytes += batch.size_bytes;
        total.estimated_tokens += batch.estimated_tokens;
        // A sum with something unknown in it is at least so much, and is said to be so.
        if (batch.cost)
            total.cost = total.cost.value_or(0) + *batch.cost;
        else
            ++unpriced;
    }
    Html html;
    html << "<tfoot><tr><th scope=\"row\" colspan=\"3\">in all</th><td class=\"number\">"
         << number_html(total.requests) << "</td><td class=\"number\">" << number_html(total.size_bytes)
         << "</td><td class=\"number\">" << number_html(total.estimated_tokens)
         << "</td><td class=\"number\">" << money_html(total.cost);
    if (total.cost && unpriced > 0) html << " and what is unknown";
    return std::move(html << "</td></tr></tfoot>");
}

Html batches(const report::CheckedFile& file) {
    Html html;
    if (file.batches.empty()) return html;
    html << "<div class=\"wide\" tabindex=\"0\"><table><caption>What is sent</caption><thead><tr><th "
            "scope=\"col\">Batch</th>"
            "<th scope=\"col\">Endpoint</th><th scope=\"col\">Model</th><th scope=\"col\">Requests</th>"
            "<th scope=\"col\">Bytes</th><th scope=\"col\">Tokens, about</th><th scope=\"col\">USD, "
            "about</th></tr></thead><tbody>";
    for (const report::PlannedBatch& batch : file.batches)
        html << "<tr><td>" << batch.shard << "</td><td>" << Text(batch.endpoint) << "</td><td>"
             << Text(batch.model) << "</td><td class=\"number\">" << number_html(batch.requests)
             << "</td><td class=\"number\">" << number_html(batch.size_bytes) << "</td><td class=\"number\">"
             << number_html(batch.estimated_tokens) << "</td><td class=\"number\">" << money_html(batch.cost)
             << "</td></tr>";
    html << "</tbody>" << total_row(file.batches) << "</table></div>";
    return html;
}

Html verdict(const report::CheckedFile& file) {
    Html html;
    if (file.unreadable)
        html << "<p class=\"need\">It can't be read: " << Text(to_string(*file.unreadable)) << "</p>";
    else if (file.is_rejected)
        html << "<p class=\"need\"><strong>It would be rejected.</strong> " << Text(file.flaw)
             << " Mend it, and send it again.</p>";
    else if (file.bad_lines_total > 0)
        html << "<p class=\"need\">" << number_html(file.bad_lines_total)
             << " lines would be left out; the rest can be sent.</p>";
    else
        html << "<p>Nothing is wrong with it: " << number_html(file.requests) << " requests.</p>";
    return html;
}

Html choice(const Frame& frame, const std::string& id, const report::CheckedFile& file) {
    Html html;
    // What the daemon would reject can not be sent from here; it can be thrown away and mended.
    if (!file.is_rejected && !file.unreadable)
        html << "<form method=\"post\" action=\"/submit/" << UrlPart(id) << "/send\">" << form_field(frame)
             << "<button type=\"submit\">Send it</button></form>";
    html << "<form method=\"post\" action=\"/submit/" << UrlPart(id) << "/discard\">" << form_field(frame)
         << "<button type=\"submit\" class=\"secondary\">Throw it away</button></form>";
    return html;
}

}  // namespace

Html submit_page(const Frame& frame, const report::Status* present, const std::vector<std::string>& queues) {
    Html body;
    // The guard refuses a form all the same; this is so that nobody fills one in for nothing.
    if (frame.read_only) {
        body << "<p>This page only shows: <code>web.read_only</code> is true.</p>";
        return page_html(frame, "Submit", present, body);
    }
    body << "<p>Choose a file of requests, one JSON object a line, or drag it onto <span "
            "id=\"drop-place\">the field</span>. It is checked "
            "before anything is sent.</p>"
            "<form method=\"post\" action=\"/submit\" enctype=\"multipart/form-data\">"
         << form_field(frame) << "<label>Queue <select name=\"queue\">";
    for (const std::string& queue : queues)
        body << "<option value=\"" << Text(queue) << "\">" << Text(queue) << "</option>";
    body << "</select></label><label>File <input type=\"file\" name=\"file\" required></label>"
            "<button type=\"submit\">Check it</button></form>";
    return page_html(frame, "Submit", present, body);
}

Html checked_page(const Frame& frame, const std::string& upload_id, const std::string& queue,
                  const report::CheckedFile& file) {
    Html body;
    body << "<p><small>For the queue " << Text(queue.empty() ? "default" : queue) << ".</small></p>"
         << verdict(file) << bad_lines(file) << warnings(file) << batches(file)
         << choice(frame, upload_id, file);
    return page_html(frame, "Checked: " + file.name, nullptr, body);
}

Html sent_page(const Frame& frame, const std::string& queue, const std::string& file) {
    Html body;
    body << "<p><small>For the queue " << Text(queue) << ".</small></p><p>" << Text(file)
         << " is in the inbox. It is in the list as soon as the daemon has taken it, and need not be sent "
            "again.</p>"
            "<p><a href=\"/\">To the jobs</a></p>";
    return page_html(frame, "Sent: " + file, nullptr, body);
}

}  // namespace batchd::web
