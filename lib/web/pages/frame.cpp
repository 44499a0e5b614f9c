#include "web/pages/frame.hpp"

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

}  // namespace

Html strip_html(const report::Status& status) {
    Html html;
    if (!status.pid)
        html << "<p class=\"need\" role=\"status\"><strong>The daemon does not run.</strong> What is dropped "
                "is "
                "taken when it starts.</p>";
    // The same order as in `batchd status`: what only a person can mend comes first.
    const auto needs = report::in_order_of_need(status.conditions);
    if (needs.empty()) return html;
    html << "<section class=\"need\" aria-label=\"What is waited for\"><ul>";
    for (const store::Condition& condition : needs) {
        html << "<li><strong>" << Text(condition.kind) << "</strong> " << Text(condition.text);
        if (condition.job)
            html << " <a href=\"/jobs/" << condition.job->value << "\">job " << condition.job->value
                 << "</a>";
        html << " <small>since " << time_html(condition.since) << "</small></li>";
    }
    html << "</ul></section>";
    return html;
}

Html live_strip(const report::Status& status) {
    Html html;
    html << "<div id=\"strip\" hx-swap-oob=\"true\">" << strip_html(status) << "</div>";
    return html;
}

Html form_field(const Frame& frame) {
    Html html;
    html << "<input type=\"hidden\" name=\"form\" value=\"" << Text(frame.form_token) << "\">";
    return html;
}

Html page_html(const Frame& frame, std::string_view title, const report::Status* present, const Html& body) {
    Html html;
    // Scripts come last and deferred: the page is whole without them, and they only make it live.
    html << "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"color-scheme\" content=\"light dark\"><title>"
         << Text(title)
         << " · batchd</title><link rel=\"stylesheet\" href=\"/assets/pico.classless.min.css\">"
            "<link rel=\"stylesheet\" href=\"/assets/page.css\"><link rel=\"icon\" href=\"data:,\">"
            "<script defer src=\"/assets/htmx.min.js\"></script>"
            "<script defer src=\"/assets/hx-sse.min.js\"></script>"
            "<script defer src=\"/assets/page.js\"></script></head><body>"
         << links() << "<main>";
    if (present != nullptr) html << "<div id=\"strip\">" << strip_html(*present) << "</div>";
    html << "<h1>" << Text(title) << "</h1>" << body << "</main><footer><small>batchd "
         << Text(frame.version);
    if (frame.read_only) html << " · this page only shows";
    html << "</small></footer></body></html>\n";
    return html;
}

Html message_page(const Frame& frame, std::string_view title, std::string_view what) {
    Html body;
    body << "<p>" << Text(what) << "</p><p><a href=\"/\">Go on to the jobs</a></p>";
    return page_html(frame, title, nullptr, body);
}

}  // namespace batchd::web
