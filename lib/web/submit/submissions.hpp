#pragma once

#include "base/async/wake_line.hpp"
#include "server/exchange.hpp"
#include "web/room.hpp"
#include "web/submit/pending_uploads.hpp"

namespace batchd::web {

/// The routes below /submit: a file comes in and is checked, and is then sent or thrown away.
class Submissions {
public:
    explicit Submissions(Room& room) : room_(room) {}

    /// POST /submit, GET /submit/ID, POST /submit/ID/send and …/discard.
    boost::asio::awaitable<void> receive(server::Exchange& exchange, const AccessDecision& decision);
    boost::asio::awaitable<server::Answer> show(const std::string& id, const AccessDecision& decision);
    /// Sends the browser back to the upload's address, which then shows what came of it: as often as it is
    /// asked for, once in the inbox.
    boost::asio::awaitable<server::Answer> send(const std::string& id, const AccessDecision& decision);
    server::Answer discard(const std::string& id);

    void forget_old() { uploads_.forget_old(room_.clock.uptime()); }

private:
    /// Waits until nobody is sending it.
    boost::asio::awaitable<void> settle(const std::string& id);
    /// It was thrown away, or decided long ago, or nobody decided for too long, or the page was started anew:
    /// an upload is kept in memory only, and which of these it was is not known.
    server::Answer is_gone(const AccessDecision& decision) const;

    Room& room_;
    PendingUploads uploads_;
    WakeLine settled_;  // of uploads that were being sent
};

}  // namespace batchd::web
