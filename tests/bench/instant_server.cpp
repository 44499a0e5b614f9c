/// Answers every POST with the same small chat completion: what is measured against it is the client.
///
/// batchd-instant-server [MILLISECONDS AT_ONCE]: each answer takes so long, and what is more than so many at
/// once is refused. Meanwhile `POST /at-once/N` changes that, and `GET /counts` tells what became of the
/// requests: {"refused": in all, "answered": [in each round trip of MILLISECONDS since the first request]}.

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kBody =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Hello."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})";
constexpr std::string_view kRefusal =
    R"({"error":{"message":"too many requests at once","type":"server_error","code":"capacity_exceeded"}})";

std::size_t number_at(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::size_t announced_bytes(std::string_view head) {
    for (const std::string_view name : {"Content-Length: ", "content-length: "})
        if (const std::size_t at = head.find(name); at != std::string_view::npos)
            return number_at(head.substr(at + name.size()));
    return 0;
}

/// The size of the request that `received` begins with, or 0 as long as it is not whole.
std::size_t whole_request(std::string_view received) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::size_t size = end + 4 + announced_bytes(received.substr(0, end));
    return received.size() >= size ? size : 0;
}

std::string answer_with(std::string_view status, std::string_view body) {
    return "HTTP/1.1 " + std::string(status) +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

/// How much it takes, and what it has counted.
class Load {
public:
    Load(std::chrono::milliseconds takes, std::size_t at_once) : takes_(takes), at_once_(at_once) {}

    asio::awaitable<std::string> answer_to(std::string_view request) {
        constexpr std::string_view kAtOnce = "POST /at-once/";
        if (request.starts_with("GET /counts")) co_return answer_with("200 OK", counts());
        if (request.starts_with(kAtOnce)) {
            at_once_ = number_at(request.substr(kAtOnce.size()));
            co_return answer_with("200 OK", counts());
        }
        if (takes_.count() == 0) co_return answer_with("200 OK", kBody);
        if (begin_ == Clock::time_point()) begin_ = Clock::now();
        if (in_work_ >= at_once_) {
            ++refused_;
            co_return answer_with("503 Service Unavailable", kRefusal);
        }
        ++in_work_;
        asio::steady_timer timer(co_await asio::this_coro::executor, takes_);
        co_await timer.async_wait(asio::use_awaitable);
        --in_work_;
        const auto round = static_cast<std::size_t>((Clock::now() - begin_) / takes_);
        if (answered_.size() <= round) answered_.resize(round + 1);
        ++answered_[round];
        co_return answer_with("200 OK", kBody);
    }

private:
    std::string counts() const {
        std::string text = "{\"refused\":" + std::to_string(refused_) + ",\"answered\":[";
        for (std::size_t i = 0; i < answered_.size(); ++i)
            text += (i == 0 ? "" : ",") + std::to_string(answered_[i]);
        return text + "]}";
    }

    std::chrono::milliseconds takes_;
    std::size_t at_once_;
    std::size_t in_work_ = 0;
    std::size_t refused_ = 0;
    std::vector<std::size_t> answered_;
    Clock::time_point begin_;
};

asio::awaitable<void> serve(tcp::socket socket, Load& load) {
    std::array<char, 16 * 1024> block;
    std::string received;
    try {
        for (;;) {
            received.append(block.data(),
                            co_await socket.async_read_some(asio::buffer(block), asio::use_awaitable));
            for (std::size_t size = whole_request(received); size > 0; size = whole_request(received)) {
                const std::string answer = co_await load.answer_to(received);
                received.erase(0, size);
                co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
            }
        }
    } catch (const boost::system::system_error&) {
        // The client has gone: there is nobody to tell.
    }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, Load& load) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), load),
                       [](const std::exception_ptr&) {});
    }
}

}  // namespace

int main(int argc, char** argv) {
    Load load(std::chrono::milliseconds(argc > 1 ? std::atoi(argv[1]) : 0),
              argc > 2 ? number_at(argv[2]) : 0);
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    asio::co_spawn(context, accept_all(acceptor, load), [](const std::exception_ptr&) {});
    context.run();
}
