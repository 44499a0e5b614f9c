#pragma once

#include "server/exchange.hpp"
#include "spool/file_stamp.hpp"
#include "store/query/counts.hpp"
#include "web/room.hpp"

namespace batchd::web {

/// The routes below /api/v1, and /metrics: what openapi.yaml describes.
class Api {
public:
    explicit Api(Room& room) : room_(room) {}

    boost::asio::awaitable<void> handle(server::Exchange& exchange);
    boost::asio::awaitable<server::Answer> metrics();

private:
    boost::asio::awaitable<server::Answer> get(const std::string& path, const std::string& query);
    boost::asio::awaitable<server::Answer> post(server::Exchange& exchange, const std::string& path);
    server::Answer jobs(const std::string& query);
    boost::asio::awaitable<server::Answer> job(const std::string& id);
    server::Answer queues();
    server::Answer events(const std::string& query);
    boost::asio::awaitable<server::Answer> submit(server::Exchange& exchange);
    boost::asio::awaitable<server::Answer> command(store::Verb verb, store::JobId job);
    boost::asio::awaitable<std::optional<store::JobId>> number_of(spool::FileId file, TimePoint since,
                                                                  store::JobId newest);

    Room& room_;
    store::Counting counting_;
};

}  // namespace batchd::web
