#include "web/pages/request_page.hpp"

#include "web/html/pretty_json.hpp"
#include "web/html/words.hpp"

namespace batchd::web {
namespace {

/// Of one that is longer the beginning is shown; all of it is in the file.
constexpr std::size_t kShownBytesMax = 64 * 1024;

/// A line break between members is markup of ours, and stays one; within strings JSON has escapes.
Html lines_html(std::string_view text) {
    Html html;
    while (!text.empty()) {
        const auto end = text.find('\n');
        html << Text(text.substr(0, end));
        if (end == std::string_view::npos) break;
        html << "\n";
        text.remove_prefix(end + 1);
    }
    return html;
}

Html line_html(const FoundLine& line, const store::Job& job, Markup title) {
    const PrettyJson shown = pretty_json(line.text, kShownBytesMax);
    Html html;
    html << "<section><h2>" << title << "</h2><pre class=\"json\" tabindex=\"0\">" << lines_html(shown.text)
         << "</pre><p><small>";
    // A cut in the middle of a character shows as "\xNN" at the end, which is honest about it.
    if (!shown.is_whole) html << "Only the beginning is shown. ";
    html << "Line " << number_html(line.line_number) << " of <a href=\"/jobs/" << job.id.value << "/files/"
         << UrlPart(line.file) << "\" download>" << Text(line.file) << "</a></small></p></section>";
    return html;
}

}  // namespace

Html request_form(const Frame& frame, const store::Job& job) {
    Html html;
    if (!frame.show_requests || job.delivered_to.empty()) return html;
    html
        << "<form method=\"get\" action=\"/jobs/" << job.id.value
        << "/request\"><fieldset class=\"filter\"><label>A request, by its id <input type=\"text\" "
           "name=\"id\" maxlength=\"512\"></label><label>or by its line <input type=\"number\" name=\"line\" "
           // Their ids are of at most so many bytes as the field takes, and lines count from 1.
           "min=\"1\"></label><button type=\"submit\">Show it</button></fieldset></form>";
    return html;
}

Html request_page(const Frame& frame, const store::Job& job, const FoundRequest& found) {
    Html body;
    body << "<p><a href=\"/jobs/" << job.id.value << "\">Job " << job.id.value << ": " << Text(job.name)
         << "</a></p><div class=\"beside\">" << line_html(*found.request, job, "Request");
    if (found.answer)
        body << line_html(*found.answer, job, "Answer");
    else
        body << "<section><h2>Answer</h2><p>There is none in this job's folder.</p></section>";
    body << "</div>" << request_form(frame, job);
    return page_html(frame, found.custom_id.empty() ? "A line" : "Request " + found.custom_id, nullptr, body);
}

}  // namespace batchd::web
