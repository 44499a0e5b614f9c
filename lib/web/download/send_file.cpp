#include "web/download/send_file.hpp"

#include <algorithm>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "base/async/run_blocking.hpp"
#include "base/disk/file.hpp"
#include "web/download/begin_download.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

// Large enough that a read costs little beside its way through the pool, and small enough for hundreds of
// downloads at once.
constexpr std::size_t kPieceBytes = 256 * 1024;

}  // namespace

asio::awaitable<Result<void>> send_bytes(server::Exchange& exchange, const UniqueFd& file, Range range,
                                         asio::thread_pool& pool) {
    std::vector<char> piece(kPieceBytes);
    while (range.size > 0) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), range.size));
        const auto got = co_await run_blocking(
            pool, [&] { return ::pread(file.get(), piece.data(), wanted, static_cast<off_t>(range.first)); });
        // It has been cut: the connection breaks off short of what was announced.
        if (got <= 0) co_return error(Errc::corrupt, "the file is shorter than it was");
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        if (auto sent = co_await exchange.send(bytes); !sent) co_return sent;
        range.first += bytes.size();
        range.size -= bytes.size();
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> send_file(server::Exchange& exchange, UniqueFd file, const std::string& name,
                                        asio::thread_pool& pool) {
    struct stat status{};
    // Of the open file and not of its name, which may lead to another one by now.
    if (::fstat(file.get(), &status) != 0) co_return system_failure(name);
    const Attachment attachment{.name = name,
                                // Never as text or HTML: what models and strangers have written must not
                                // become a page of ours.
                                .type = "application/octet-stream",
                                .size = static_cast<std::uint64_t>(status.st_size),
                                .validators = validators_of(status)};
    const auto range = co_await begin_download(exchange, attachment);
    if (!range) co_return range.error();
    if (!*range) co_return Result<void>();
    if (auto sent = co_await send_bytes(exchange, file, **range, pool); !sent) co_return sent;
    co_return co_await exchange.end();
}

}  // namespace batchd::web
