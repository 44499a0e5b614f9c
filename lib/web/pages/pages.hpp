#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/message.hpp"
#include "web/room.hpp"

namespace batchd::web {

/// The pages that show the state, by their addresses.
class Pages {
public:
    explicit Pages(Room& room) : room_(room) {}

    /// What a GET of one of them is answered with.
    boost::asio::awaitable<server::Answer> get(const server::RequestHead& head,
                                               const AccessDecision& decision);

private:
    using Answered = boost::asio::awaitable<server::Answer>;

    server::Answer page(const server::RequestHead& head, const AccessDecision& decision);
    server::Answer jobs(const server::RequestHead& head, const AccessDecision& decision, store::Store& store);
    server::Answer other(const server::RequestHead& head, const AccessDecision& decision,
                         store::Store& store);
    server::Answer queues(const AccessDecision& decision, const report::Status& status, store::Store& store);
    server::Answer events(const AccessDecision& decision, const report::Status& status, store::Store& store);
    server::Answer spending(const AccessDecision& decision, const report::Status& status, store::Store& store,
                            const std::string& query);
    /// These two read files, so they wait for the pool; the others answer from the database at once.
    Answered job(std::int64_t id, const AccessDecision& decision);
    Answered request(std::int64_t id, const std::string& query, const AccessDecision& decision);
    /// The inbox itself first, and then the queues by name.
    std::vector<std::string> queue_names() const;

    Room& room_;
};

/// The answer to a failure, for people.
server::Answer failure_page(const Room& room, const AccessDecision& decision, const Error& failure);
/// The answer where the state can't be read: 503, whatever the code of its failure, which says nothing of
/// what was asked for.
server::Answer no_state_page(const Room& room, const AccessDecision& decision, const Error& failure);
/// The status of an answer that tells of it.
unsigned status_of(const Error& failure);

}  // namespace batchd::web
