#include "engine/notify/sender.hpp"

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "config/keys/notify_secrets.hpp"
#include "notify/body/message.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// A connection on which nothing comes for so long is given up.
constexpr Millis kSilenceMax = 30s;
/// Of one try in all: a receiver that answers a byte now and then is no better than one that is down.
constexpr Millis kTryMax = 60s;
constexpr std::uint64_t kAnswerMax = 1024 * 1024;

bool wants_more(std::string_view) {
    return true;
}

}  // namespace

asio::awaitable<notify::SendResult> HttpSender::send(const std::string& name,
                                                     const config::NotifyTarget& target,
                                                     std::vector<store::Notice> notices) {
    auto secrets = co_await read_secrets(name, target);
    if (!secrets) co_return notify::SendResult{false, to_string(secrets.error()), std::nullopt};
    auto client = client_for(name, target, secrets->url.origin);
    if (!client) co_return notify::SendResult{false, to_string(client.error()), std::nullopt};
    const notify::Envelope envelope{secrets->url.target, secrets->keys, clock_.now()};
    http::Request request = notify::message_of(*target.kind, notices, envelope);
    // What holds if nothing better comes in time.
    http::Outcome<http::Response> outcome =
        http::TransportError{http::Phase::sent, {}, "there was no answer within a minute"};
    co_await run_within(clock_, kTryMax, call(*client, std::move(request), outcome));
    notify::SendResult verdict;
    if (outcome) {
        verdict = notify::judge(*target.kind, *outcome, clock_.now());
    } else {
        verdict.why = outcome.error().text;
        // The next try begins anew, and reads the file of certificates again: it may have been mended.
        lines_.erase(name);
    }
    verdict.why = log_.redacted(verdict.why);
    co_return verdict;
}

asio::awaitable<void> HttpSender::call(std::shared_ptr<http::Client> client, http::Request request,
                                       http::Outcome<http::Response>& outcome) {
    outcome = co_await client->request(std::move(request), wants_more);
}

asio::awaitable<Result<HttpSender::Secrets>> HttpSender::read_secrets(std::string name,
                                                                      config::NotifyTarget target) {
    struct Texts {
        Result<std::string> url = std::string();
        Result<std::vector<std::string>> keys = std::vector<std::string>();
    };
    const Texts texts = co_await run_blocking(pool_, [&] {
        Texts read;
        read.url = config::find_notify_url(name, target, environment_);
        if (*target.kind == config::NotifyKind::webhook)
            read.keys = config::find_notify_keys(name, target, environment_);
        return read;
    });
    if (!texts.url) co_return texts.url.error();
    if (!texts.keys) co_return texts.keys.error();
    log_.add_secret(*texts.url);
    const auto url = http::parse_url(*texts.url);
    // What parse_url() says would quote the address.
    if (!url) co_return error(Errc::bad_input, "its address is no https:// URL");
    // Many services have their secret in the path, which may be quoted without the host.
    log_.add_secret(url->target);
    co_return Secrets{*url, *texts.keys};
}

Result<std::shared_ptr<http::Client>> HttpSender::client_for(const std::string& name,
                                                             const config::NotifyTarget& target,
                                                             const http::Origin& origin) {
    Line& line = lines_[name];
    if (line.client && line.origin == origin && line.ca_file == target.ca_file) return line.client;
    http::Client::Options options;
    options.origin = origin;
    options.ca_file = target.ca_file;
    options.timeout = kSilenceMax;
    // Messages to one target go one behind the other, in order.
    options.connections_max = 1;
    options.streamed_bytes_max = kAnswerMax;
    options.user_agent = "batchd";
    auto made = http::Client::create(std::move(options), executor_, pool_, clock_);
    if (!made) return made.error();
    line = {origin, target.ca_file, std::move(*made)};
    return line.client;
}

}  // namespace batchd::engine
