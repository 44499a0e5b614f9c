#include "web/submit/submissions.hpp"

#include "base/async/run_blocking.hpp"
#include "web/pages/pages.hpp"
#include "web/pages/submit_page.hpp"
#include "web/safety/page_headers.hpp"
#include "web/submit/receive_file.hpp"

namespace batchd::web {

namespace asio = boost::asio;

asio::awaitable<void> Submissions::receive(server::Exchange& exchange, const AccessDecision& decision) {
    auto form = co_await receive_form(exchange, room_, decision.session);
    server::Answer answer;
    if (!form) {
        answer = failure_page(room_, decision, form.error());
        // The browser asks for it itself (`required`), but a form may come from anywhere.
    } else if (!form->drop) {
        const Error none = error(Errc::bad_input, "no file was chosen");
        answer = failure_page(room_, decision, none);
    } else {
        const std::string name = form->drop->name() + ".jsonl";
        // The file is checked where it lies, hidden in the inbox, and gets its name only when its sender
        // says so: nothing is copied twice.
        const Path hidden = form->drop->hidden();
        const std::string queue = form->queue.empty() ? "default" : form->queue;
        auto checked =
            co_await run_blocking(room_.pool, [&] { return room_.ports.check(name, hidden, queue); });
        Upload upload{std::move(*form->drop), queue, std::move(checked), room_.clock.uptime()};
        answer = redirect("/submit/" + uploads_.add(std::move(upload)));
    }
    (void)co_await exchange.answer(std::move(answer));
}

server::Answer Submissions::is_gone(const AccessDecision& decision) const {
    return failure_page(room_, decision,
                        error(Errc::not_found, "this file is not here any more: send it again"));
}

server::Answer Submissions::show(const std::string& id, const AccessDecision& decision) {
    const Upload* const upload = uploads_.find(id);
    if (upload == nullptr) return is_gone(decision);
    return html_answer(200, checked_page(room_.frame(decision), id, upload->queue, upload->checked));
}

asio::awaitable<server::Answer> Submissions::send(const std::string& id, const AccessDecision& decision) {
    Upload* const found = uploads_.find(id);
    if (found == nullptr) co_return is_gone(decision);
    // Out of the list at once: a second click must not send it twice.
    Upload upload = std::move(*found);
    uploads_.remove(id);
    const auto published = co_await run_blocking(room_.pool, [&] { return publish(upload.drop); });
    // The upload is gone with it, for it is out of the list: it has to be sent again.
    if (!published) co_return failure_page(room_, decision, published.error());
    Html body;
    body << "<p>" << Text(upload.drop.name() + ".jsonl")
         << " is in the inbox. It is in the list as soon as the daemon has taken it.</p>"
            "<p><a href=\"/\">To the jobs</a></p>";
    co_return html_answer(200, page_html(room_.frame(decision), "Sent", nullptr, body));
}

server::Answer Submissions::discard(const std::string& id) {
    uploads_.remove(id);
    // Whether or not it was still there: a second click has nothing to complain about.
    return redirect("/submit");
}

}  // namespace batchd::web
