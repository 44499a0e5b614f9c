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

    /// Answers all there is to answer, a wrong address and a wrong method as well, and in JSON.
    boost::asio::awaitable<void> handle(server::Exchange& exchange);
    /// The state in Prometheus' format; the folders of the disk are looked at in the pool.
    boost::asio::awaitable<server::Answer> metrics();

private:
    boost::asio::awaitable<server::Answer> get(const std::string& path, const std::string& query);
    boost::asio::awaitable<server::Answer> post(server::Exchange& exchange, const std::string& path);
    server::Answer jobs(const std::string& query);
    bool is_queue(store::Store& store, const std::string& name) const;
    boost::asio::awaitable<server::Answer> job(const std::string& id);
    server::Answer queues();
    server::Answer events(const std::string& query);
    boost::asio::awaitable<server::Answer> submit(server::Exchange& exchange);
    /// The daemon is asked, and its own status and sentence are the answer.
    boost::asio::awaitable<server::Answer> command(store::Verb verb, store::JobId job);
    /// The job that a file became, found by the file's identity on the disk, for its name may be anybody's.
    /// `newest` is the last job there was before; nothing where the daemon has not taken the file in time.
    boost::asio::awaitable<std::optional<store::JobId>> number_of(spool::FileId file, TimePoint since,
                                                                  store::JobId newest);

    Room& room_;
    /// One for all scrapes: counters would fall if each began anew.
    store::Counting counting_;
};

}  // namespace batchd::web
