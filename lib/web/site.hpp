#pragma once

#include "server/handler.hpp"
#include "server/limits.hpp"
#include "web/api/api.hpp"
#include "web/live/live_updates.hpp"
#include "web/pages/pages.hpp"
#include "web/room.hpp"
#include "web/submit/submissions.hpp"

namespace batchd::web {

/// What a browser may cost: files are large and come as streams, and pages stay open for hours.
server::Limits page_limits();

/// All routes of the page. Nothing is done for a request before judge() has allowed it.
class Site final : public server::Handler {
public:
    explicit Site(Room& room) : room_(room), submissions_(room), live_(room), api_(room), pages_(room) {}

    boost::asio::awaitable<void> handle(server::Exchange& exchange) override;
    /// Looks for changes, and forgets what was never decided, until cancelled.
    boost::asio::awaitable<void> run();

private:
    using Answered = boost::asio::awaitable<server::Answer>;

    /// What judge() has allowed, by method and address.
    boost::asio::awaitable<void> serve(server::Exchange& exchange, const AccessDecision& decision);
    /// What needs no login: the sign of life, the files that are compiled in, and the link of the first
    /// visit, whose token is traded for a cookie.
    server::Answer open(const server::RequestHead& head);
    /// In the form that fits who asks: JSON for programs, a page or a line of text for people.
    server::Answer refuse(const server::RequestHead& head, const AccessDecision& decision);
    Answered get(const server::RequestHead& head, const AccessDecision& decision);
    Answered post(server::Exchange& exchange, const AccessDecision& decision);
    /// A command of a form. The browser is sent back to the job's page, so that a reload gives it no second
    /// time.
    Answered give(const std::string& target, const AccessDecision& decision);
    boost::asio::awaitable<void> download(server::Exchange& exchange, const AccessDecision& decision);
    boost::asio::awaitable<Result<void>> send_one(server::Exchange& exchange, const store::Job& job,
                                                  const std::string& rest);
    /// Live updates of the list or of one job.
    boost::asio::awaitable<void> stream(server::Exchange& exchange, const AccessDecision& decision);
    boost::asio::awaitable<Result<Html>> list(const store::JobSearch& search);

    Room& room_;
    Submissions submissions_;
    LiveUpdates live_;
    Api api_;
    Pages pages_;
};

}  // namespace batchd::web
