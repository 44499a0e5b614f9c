#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"
#include "http/client.hpp"
#include "notify/send_result.hpp"
#include "store/told/notices.hpp"

namespace batchd::engine {

/// The way to those who are told. Throws when cancelled only.
class Sender {
public:
    virtual ~Sender() = default;
    /// Tells `notices` as one message, once: see notify::message_of(). What it answers holds no secret.
    virtual boost::asio::awaitable<notify::SendResult> send(const std::string& name,
                                                            const config::NotifyTarget& target,
                                                            std::vector<store::Notice> notices) = 0;
};

/// Sends over HTTP. Addresses and keys are read for each message, so that they can be changed at any time,
/// and are told to `log` as secrets. I/O thread only; everything that it is made of outlives it.
class HttpSender final : public Sender {
public:
    HttpSender(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool, Clock& clock, Log& log,
               config::Environment environment)
        : executor_(std::move(executor)),
          pool_(pool),
          clock_(clock),
          log_(log),
          environment_(std::move(environment)) {}

    boost::asio::awaitable<notify::SendResult> send(const std::string& name,
                                                    const config::NotifyTarget& target,
                                                    std::vector<store::Notice> notices) override;

private:
    /// What one message is sent with, read for it alone.
    struct Secrets {
        http::Url url;
        std::vector<std::string> keys;
    };
    /// A client and its connection, kept for as long as the target's address has the same origin, its
    /// certificate is judged by the same file, and messages get an answer.
    struct Line {
        http::Origin origin;
        std::optional<Path> ca_file;
        std::shared_ptr<http::Client> client;
    };

    /// In the pool, for they may be files. Errors: as config::find_notify_url() and find_notify_keys();
    /// bad_input. None of them quotes a secret.
    boost::asio::awaitable<Result<Secrets>> read_secrets(std::string name, config::NotifyTarget target);
    Result<std::shared_ptr<http::Client>> client_for(const std::string& name,
                                                     const config::NotifyTarget& target,
                                                     const http::Origin& origin);
    /// `outcome` is only written when an answer, or a failure, has come.
    boost::asio::awaitable<void> call(std::shared_ptr<http::Client> client, http::Request request,
                                      http::Outcome<http::Response>& outcome);

    boost::asio::any_io_executor executor_;
    boost::asio::thread_pool& pool_;
    Clock& clock_;
    Log& log_;
    config::Environment environment_;
    std::map<std::string, Line> lines_;  // by the target's name
};

}  // namespace batchd::engine
