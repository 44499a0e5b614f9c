/// Answers every POST at once, with the same small chat completion: what is measured against it is the
/// client.

#include <array>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr std::string_view kBody =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Hello."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})";

std::size_t announced_bytes(std::string_view head) {
    for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
        const std::size_t at = head.find(name);
        if (at == std::string_view::npos) continue;
        std::size_t size = 0;
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), size);
        return size;
    }
    return 0;
}

/// The size of the request that `received` begins with, or 0 as long as it is not whole.
std::size_t whole_request(std::string_view received) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::size_t size = end + 4 + announced_bytes(received.substr(0, end));
    return received.size() >= size ? size : 0;
}

asio::awaitable<void> serve(tcp::socket socket) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                               std::to_string(kBody.size()) + "\r\n\r\n" + std::string(kBody);
    std::array<char, 16 * 1024> block;
    std::string received;
    try {
        for (;;) {
            received.append(block.data(),
                            co_await socket.async_read_some(asio::buffer(block), asio::use_awaitable));
            for (std::size_t size = whole_request(received); size > 0; size = whole_request(received)) {
                received.erase(0, size);
                co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
            }
        }
    } catch (const boost::system::system_error&) {
        // The client has gone: there is nobody to tell.
    }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), [](const std::exception_ptr&) {});
    }
}

}  // namespace

int main() {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    asio::co_spawn(context, accept_all(acceptor), [](const std::exception_ptr&) {});
    context.run();
}
