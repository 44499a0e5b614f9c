#include "web/pages/job_view.hpp"

#include "base/async/run_blocking.hpp"
#include "web/download/job_files.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

/// What an open page of a job shows once the job was cleaned away.
Html gone_html() {
    Html html;
    html << "<p class=\"need\" role=\"status\">This job is not on record any more: what has ended goes after "
            "<code>state.keep</code>. Its folder stays where it is.</p>";
    return html;
}

}  // namespace

asio::awaitable<Result<std::optional<JobView::Look>>> JobView::look() {
    const auto store = room_.state.look();
    if (!store) co_return store.error();
    auto status =
        report::read_status(**store, room_.settings, store::JobId{job_}, room_.clock.now(), kJobEventsShown);
    if (!status && status.error().code == Errc::not_found) co_return std::optional<Look>();
    if (!status) {
        room_.state.forget();
        co_return status.error();
    }
    Look look{std::move(*status), {}};
    // The folder is in place with the final state, and not before.
    if (store::is_final(look.status.jobs.front().job.state)) co_await read_folder(look);
    co_return std::optional<Look>(std::move(look));
}

asio::awaitable<void> JobView::read_folder(Look& look) {
    if (!folder_) {
        Folder folder;
        // `look` is the caller's, who waits here: nobody else uses it while the pool does.
        co_await run_blocking(room_.pool, [&] {
            folder.files = files_of(look.status.jobs.front().job);
            // Where the file of errors can't be read, the rest of the page is still true.
            return static_cast<bool>(report::read_errors(look.status));
        });
        folder.errors = look.status.details->errors;
        folder_ = std::move(folder);
    }
    look.files = folder_->files;
    look.status.details->errors = folder_->errors;
}

asio::awaitable<Result<Html>> JobView::html() {
    const auto seen = co_await look();
    if (!seen) co_return seen.error();
    // Said on the page that is open, for else it would show what it had last for ever.
    if (!*seen) co_return gone_html();
    const Look& look = **seen;
    Html html = live_strip(look.status);
    html << job_live(frame_, look.status, look.files);
    co_return html;
}

}  // namespace batchd::web
