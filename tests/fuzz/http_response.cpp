#include <atomic>
#include <mutex>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "base/disk/fd.hpp"
#include "fuzz/target.hpp"
#include "http/client.hpp"
#include "support/temp_dir.hpp"

namespace batchd::fuzz {

namespace asio = boost::asio;

namespace {

/// Answers every connection on 127.0.0.1 with the bytes at hand, whatever was asked, and closes it.
class Parrot {
public:
    Parrot() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        expect(::bind(listener_.get(), generic, size) == 0 && ::listen(listener_.get(), 16) == 0 &&
                   ::getsockname(listener_.get(), generic, &size) == 0,
               "a server can be started");
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Parrot() {
        stops_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    /// What connections from now on are answered with.
    void say(std::string_view words) {
        const std::lock_guard lock(mutex_);
        words_ = words;
    }

    std::uint16_t port = 0;

private:
    void serve() {
        while (!stops_) {
            const UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!peer) continue;
            char head[2048];
            if (::recv(peer.get(), head, sizeof head, 0) <= 0) continue;
            const std::string words = this->words();
            ::send(peer.get(), words.data(), words.size(), MSG_NOSIGNAL);
            ::shutdown(peer.get(), SHUT_WR);
            while (::recv(peer.get(), head, sizeof head, 0) > 0) {
            }
        }
    }

    std::string words() {
        const std::lock_guard lock(mutex_);
        return words_;
    }

    UniqueFd listener_;
    std::mutex mutex_;
    std::string words_;
    std::atomic<bool> stops_ = false;
    std::thread thread_;
};

struct Bench {
    Bench() {
        http::Client::Options options;
        options.origin = {http::Scheme::http, "127.0.0.1", parrot.port};
        options.timeout = std::chrono::milliseconds(500);
        options.user_agent = "fuzz";
        client = http::Client::create(std::move(options), context.get_executor(), pool, *clock).value();
    }
    ~Bench() { pool.join(); }

    Parrot parrot;
    asio::io_context context{1};
    asio::thread_pool pool{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    std::unique_ptr<http::Client> client;
    testing::TempDir dir;
};

template <class T>
T run(Bench& bench, asio::awaitable<T> call) {
    std::optional<T> result;
    asio::co_spawn(bench.context, std::move(call), [&](std::exception_ptr failure, T value) {
        expect(failure == nullptr, "a call throws nothing");
        result.emplace(std::move(value));
    });
    bench.context.restart();
    bench.context.run();
    return std::move(*result);
}

http::Request a_get() {
    http::Request request;
    request.method = http::Method::get;
    request.target = "/v1/files/file-1/content";
    return request;
}

/// Another origin is another machine's business: no name is looked up, nothing is connected to.
bool leads_away(std::string_view input) {
    for (std::size_t at = 0; at + 8 <= input.size(); ++at) {
        std::string word(input.substr(at, 8));
        for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (word == "location") return true;
    }
    return false;
}

}  // namespace

void http_response(std::string_view input) {
    if (leads_away(input)) return;
    static Bench bench;
    bench.parrot.say(input);
    const auto response = run(bench, bench.client->request(a_get()));
    if (response) expect(response->body.size() <= input.size(), "a body is no longer than what was sent");

    const Path path = bench.dir.path() / "download";
    remove_file(path).value();
    constexpr std::uint64_t kSizeMax = 4096;
    const auto download = run(bench, bench.client->download(a_get(), path, kSizeMax));
    const bool is_there = file_exists(path).value();
    if (download && download->response.status == 200) {
        expect(is_there && std::filesystem::file_size(path) == download->size_bytes, "a download is whole");
        expect(download->size_bytes <= kSizeMax, "a download is bounded");
    } else {
        expect(!is_there, "what is no download leaves nothing");
    }
}

}  // namespace batchd::fuzz
