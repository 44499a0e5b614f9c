#include "web/pages/other_pages.hpp"

#include "base/units.hpp"
#include "config/effective.hpp"
#include "web/html/words.hpp"

namespace batchd::web {
namespace {

/// What is there, of what may be; also a limit of which nothing is taken.
Html enqueued_html(const report::Status::Provider& provider) {
    Html html;
    std::map<std::string, std::uint64_t> models = provider.enqueued_tokens;
    // Otherwise nobody would see that there is a limit until something counts against it.
    for (const auto& [model, limit] : provider.limits) models.try_emplace(model, 0);
    for (const auto& [model, tokens] : models) {
        const auto limit = provider.limits.find(model);
        html << "<div>" << Text(model) << ": " << number_html(tokens);
        if (limit != provider.limits.end()) html << " of " << number_html(limit->second);
        html << "</div>";
    }
    return html;
}

Html a_minute(std::uint64_t count, std::string_view what) {
    Html html;
    if (count > 0)
        html << "<div>" << number_html(count) << " " << Text(what) << " a minute</div>";
    else
        html << "<div>as many " << Text(what) << " a minute as it takes</div>";
    return html;
}

/// As configured, or as its kind has them.
Html limits_html(const config::Provider& provider) {
    Html html;
    if (provider.kind == config::Kind::direct) {
        html << "<div>" << number_html(provider.max_in_flight) << " requests at once</div>"
             << a_minute(provider.requests_per_minute, "requests")
             << a_minute(provider.tokens_per_minute, "tokens");
        return html;
    }
    html << "<div>" << number_html(provider.max_requests) << " requests and "
         << Text(format_size(provider.max_bytes)) << " a batch</div><div>"
         << number_html(provider.max_connections) << " transfers at once</div>";
    return html;
}

Html provider_row(const report::Status::Provider& provider, const report::Status& status,
                  const config::Settings& settings) {
    const store::Condition* const closed = report::why_closed(status, provider);
    const config::Provider* const configured = config::find_provider(settings, provider.name);
    Html html;
    html << "<tr><td>" << Text(provider.name) << "</td><td>" << Text(provider.kind)
         << "</td><td class=\"name\">" << Text(provider.base_url) << "</td><td>";
    // A provider of the database that the configuration no longer has is shown all the same: its batches are
    // still there.
    if (configured != nullptr) html << limits_html(*configured);
    html << "</td><td>" << enqueued_html(provider) << "</td><td>";
    if (!provider.activity.empty()) html << "<div>" << Text(provider.activity) << "</div>";
    if (!status.pid)
        html << "not known: the daemon does not run</td><td>—</td><td></td></tr>";
    else if (closed == nullptr)
        html << "open</td><td>—</td><td></td></tr>";
    else
        html << "closed</td><td>" << time_html(closed->since) << "</td><td class=\"why\">"
             << Text(closed->text) << "</td></tr>";
    return html;
}

}  // namespace

Html queues_page(const Frame& frame, const report::Status& status,
                 const std::vector<report::QueueLine>& queues) {
    Html body;
    body << "<div class=\"wide\" tabindex=\"0\"><table><caption>Queues: folders of the "
            "inbox</caption><thead><tr>"
            "<th scope=\"col\">Queue</th><th scope=\"col\">Provider</th><th scope=\"col\">Model</th>"
            "<th scope=\"col\">Files waiting</th><th scope=\"col\">Requests waiting</th>"
            "<th scope=\"col\">Jobs running</th><th scope=\"col\">Batches in flight</th>"
            "<th scope=\"col\">Spent, USD</th><th scope=\"col\">Sends next</th><th "
            "scope=\"col\">Why</th></tr></thead><tbody>";
    for (const report::QueueLine& queue : queues)
        body << "<tr><td><a href=\"/?queue=" << UrlPart(queue.name) << "\">" << Text(queue.name)
             << "</a></td><td>" << Text(queue.provider) << "</td><td>" << Text(queue.model) << "</td><td>"
             << number_html(queue.files_waiting) << "</td><td>" << number_html(queue.requests_waiting)
             << "</td><td>" << number_html(queue.jobs_running) << "</td><td>"
             << number_html(queue.batches_in_flight) << "</td><td>" << Text(report::money_words(queue))
             << "</td><td>" << time_html(queue.next_at) << "</td><td class=\"why\">" << Text(queue.why)
             << "</td></tr>";
    body << "</tbody></table></div>";
    return page_html(frame, "Queues", &status, body);
}

Html providers_page(const Frame& frame, const report::Status& status, const config::Settings& settings) {
    Html body;
    body << "<div class=\"wide\" tabindex=\"0\"><table><caption>Whom requests go to</caption><thead><tr>"
            "<th scope=\"col\">Provider</th><th scope=\"col\">Kind</th><th scope=\"col\">Address</th>"
            "<th scope=\"col\">Limits</th><th scope=\"col\">Tokens enqueued, about</th><th "
            "scope=\"col\">Now</th><th "
            "scope=\"col\">Since</th>"
            "<th scope=\"col\">Why</th></tr></thead><tbody>";
    for (const report::Status::Provider& provider : status.providers)
        body << provider_row(provider, status, settings);
    body << "</tbody></table></div>";
    return page_html(frame, "Providers", &status, body);
}

Html events_page(const Frame& frame, const report::Status& status,
                 const std::vector<store::LoggedEvent>& events) {
    Html body;
    body << "<div class=\"wide\" tabindex=\"0\"><table><caption>The last events, the newest "
            "first</caption><thead><tr>"
            "<th scope=\"col\">When</th><th scope=\"col\">What</th><th scope=\"col\">Job</th>"
            "<th scope=\"col\">Who</th><th scope=\"col\">In words</th></tr></thead><tbody>";
    // They come with the oldest first, as whoever reads on needs them; people want to see the last.
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        body << "<tr><td>" << time_html(event->at) << "</td><td>" << Text(event->kind)
             << "</td><td class=\"name\">";
        if (event->job_id)
            body << "<a href=\"/jobs/" << event->job_id->value << "\">" << event->job_id->value << "</a> "
                 << Text(event->job);
        body << "</td><td>" << Text(event->user) << "</td><td class=\"why\">" << Text(event->detail)
             << "</td></tr>";
    }
    body << "</tbody></table></div>";
    return page_html(frame, "Events", &status, body);
}

Html about_page(const Frame& frame, const report::Status& status, const config::Settings& settings) {
    Html body;
    body << "<p>batchd " << Text(frame.version)
         << ": drop a file of requests, find the answers.</p><dl><dt>Inbox</dt><dd>"
         << Text(settings.spool.inbox.string()) << "</dd><dt>Outbox</dt><dd>"
         << Text(settings.spool.outbox.string()) << "</dd><dt>Rejected</dt><dd>"
         << Text(settings.spool.rejected.string())
         << "</dd></dl><p>For programs: <code>/api/v1/jobs</code>, <code>/api/v1/queues</code>, "
            "<code>/api/v1/events</code>, <code>/metrics</code>, with the token as "
            "<code>Authorization: Bearer</code>.</p><h2>Parts of others</h2><ul>"
            "<li><a href=\"/assets/LICENSES.txt\">htmx 4.0.1 and its extension for server-sent events, "
            "Zero-Clause BSD; "
            "Pico CSS 2.1.1, MIT</a></li></ul>";
    return page_html(frame, "About", &status, body);
}

}  // namespace batchd::web
