#include "web/submit/submissions.hpp"

#include <boost/asio/this_coro.hpp>

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
    // Whoever is told to send it again pays again, where it had been sent.
    return failure_page(
        room_, decision,
        error(Errc::not_found,
              "this file is not here any more: it was sent or thrown away, nobody decided for "
              "an hour, or the page was started anew. The list of jobs has it where it was sent; "
              "send it again only where it is not there"));
}

asio::awaitable<void> Submissions::settle(const std::string& id) {
    Wake wake(co_await asio::this_coro::executor);
    const WakeLine::Place place(settled_, wake);
    for (;;) {
        const Upload* const upload = uploads_.find(id);
        if (upload == nullptr || !upload->is_being_sent) co_return;
        co_await wake.wait();
    }
}

asio::awaitable<server::Answer> Submissions::show(const std::string& id, const AccessDecision& decision) {
    co_await settle(id);
    if (const SentUpload* const sent = uploads_.find_sent(id))
        co_return html_answer(200, sent_page(room_.frame(decision), sent->queue, sent->file));
    const Upload* const upload = uploads_.find(id);
    if (upload == nullptr) co_return is_gone(decision);
    co_return html_answer(200, checked_page(room_.frame(decision), id, upload->queue, upload->checked));
}

asio::awaitable<server::Answer> Submissions::send(const std::string& id, const AccessDecision& decision) {
    // A second click while the first is at it is about the same file, and hears the same.
    co_await settle(id);
    Upload* const upload = uploads_.find(id);
    if (upload == nullptr && uploads_.find_sent(id) == nullptr) co_return is_gone(decision);
    if (upload != nullptr) {
        // From here on nobody else sends it, throws it away or forgets it.
        upload->is_being_sent = true;
        const auto published = co_await run_blocking(room_.pool, [&] { return publish(upload->drop); });
        upload->is_being_sent = false;
        settled_.raise_all();
        // It is where it was, so that it can be tried again.
        if (!published) co_return failure_page(room_, decision, published.error());
        uploads_.remember_sent(id, room_.clock.uptime());
    }
    // A reload of what comes then sends nothing.
    co_return redirect("/submit/" + id);
}

server::Answer Submissions::discard(const std::string& id) {
    const Upload* const upload = uploads_.find(id);
    // It is sent, and can't be thrown away from here any more: its own page says so.
    if (uploads_.find_sent(id) != nullptr || (upload != nullptr && upload->is_being_sent))
        return redirect("/submit/" + id);
    uploads_.remove(id);
    // Whether or not it was still there: a second click has nothing to complain about.
    return redirect("/submit");
}

}  // namespace batchd::web
