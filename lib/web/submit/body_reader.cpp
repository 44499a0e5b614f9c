#include "web/submit/body_reader.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kBodyPieceBytes = 256 * 1024;

}  // namespace

BodyReader::BodyReader(server::Exchange& exchange) : exchange_(exchange) {
    for (std::vector<char>& piece : pieces_) piece.resize(kBodyPieceBytes);
}

asio::awaitable<Result<std::string_view>> BodyReader::next(asio::awaitable<void> meanwhile) {
    TaskGroup tasks(co_await asio::this_coro::executor);
    std::vector<char>& piece = pieces_.at(turn_++ % pieces_.size());
    Result<std::size_t> filled = std::size_t{0};
    tasks.spawn(std::move(meanwhile));
    tasks.spawn(fill(piece, filled));
    co_await tasks.join();
    if (!filled) co_return filled.error();
    co_return std::string_view(piece.data(), *filled);
}

asio::awaitable<void> BodyReader::fill(std::span<char> piece, Result<std::size_t>& filled) {
    std::size_t bytes = 0;
    while (bytes < piece.size()) {
        const auto got = co_await exchange_.read_some(piece.subspan(bytes));
        if (!got) {
            filled = got.error();
            co_return;
        }
        if (*got == 0) break;
        bytes += *got;
    }
    filled = bytes;
}

}  // namespace batchd::web
