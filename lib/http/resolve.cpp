#include "http/resolve.hpp"

#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/header/url.hpp"

namespace batchd::http {
namespace {

namespace asio = boost::asio;

struct Addresses {
    boost::system::error_code failure;
    std::vector<std::string> found;
};

boost::system::error_code addrinfo_failure(int code, int system_code) {
    if (code == EAI_SYSTEM) return {system_code, boost::system::system_category()};
    if (code == EAI_NONAME) return asio::error::host_not_found;
    if (code == EAI_AGAIN) return asio::error::host_not_found_try_again;
    return {code, asio::error::get_addrinfo_category()};
}

std::string text_of(const addrinfo& entry) {
    char text[INET6_ADDRSTRLEN + 20] = {};
    if (getnameinfo(entry.ai_addr, entry.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        return {};
    return text;
}

Addresses look_up(const std::string& host) {
    addrinfo hints{};
    // Otherwise each address comes once for every kind of socket.
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) return {addrinfo_failure(code, errno), {}};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, freeaddrinfo);
    Addresses result;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next)
        if (std::string text = text_of(*entry); !text.empty()) result.found.push_back(std::move(text));
    if (result.found.empty()) result.failure = asio::error::no_data;
    return result;
}

std::vector<std::string> loopback_addresses() {
    return {"127.0.0.1", "::1"};
}

/// What the coroutine and the thread that asks share. `waiting` is null once nobody waits any more.
struct Lookup {
    std::mutex mutex;
    asio::steady_timer* waiting = nullptr;
    bool done = false;
    Addresses addresses;
};

void run(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
    Addresses addresses = look_up(host);
    // Not held while the system is asked, which may take minutes.
    const std::scoped_lock lock(lookup->mutex);
    if (lookup->waiting == nullptr) return;  // given up; its io_context may be gone
    lookup->addresses = std::move(addresses);
    lookup->done = true;
    asio::post(lookup->waiting->get_executor(), [lookup] {
        const std::scoped_lock again(lookup->mutex);
        if (lookup->waiting != nullptr) lookup->waiting->cancel();
    });
}

/// Nobody waits any more, however the coroutine came to its end.
struct Abandon {
    Lookup& lookup;
    ~Abandon() {
        const std::scoped_lock lock(lookup.mutex);
        lookup.waiting = nullptr;
    }
};

}  // namespace

asio::awaitable<Result<std::vector<std::string>>> resolve(std::string host, Millis limit) {
    if (is_address(host)) co_return std::vector<std::string>{host};
    // Not looked up: it is this machine on every machine, and the key may go there in the clear.
    if (is_loopback(host)) co_return loopback_addresses();
    asio::steady_timer timer(co_await asio::this_coro::executor, limit);
    const auto lookup = std::make_shared<Lookup>();
    lookup->waiting = &timer;
    const Abandon abandon{*lookup};
    try {
        // Nothing can interrupt getaddrinfo(), so its thread is left to itself: it may outlive the wait, and
        // holds nothing but `lookup`.
        std::thread([lookup, host] { run(lookup, host); }).detach();
    } catch (const std::system_error& e) {
        co_return Error{boost::system::error_code(e.code()), "can't start a name lookup"};
    }
    const auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const std::scoped_lock lock(lookup->mutex);
    if (lookup->done && !lookup->addresses.failure) co_return std::move(lookup->addresses.found);
    if (lookup->done) co_return Error{lookup->addresses.failure, "no address for the name " + host};
    if (ec) co_return failed(ec, "no address for the name " + host);
    co_return Error{asio::error::timed_out, "no address for the name " + host};
}

}  // namespace batchd::http
