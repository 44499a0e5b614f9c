#include "sim/response_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace batchd::sim {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kSendBufferBytes = 256 * 1024;
constexpr std::uint64_t kWhole = ~std::uint64_t{0};

std::size_t read_at(int fd, std::vector<char>& into, std::uint64_t offset, std::uint64_t size_max) {
    const ssize_t got =
        pread(fd, into.data(), std::min<std::uint64_t>(into.size(), size_max), static_cast<off_t>(offset));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
}

asio::awaitable<void> pause(std::chrono::duration<double> time) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(time));
    co_await timer.async_wait(asio::use_awaitable);
}

/// What a fault makes of the answer itself.
Response spoilt(const Response& response, const Fault& fault) {
    Response changed = response;
    if (fault.action == FaultAction::garbage_body) {
        changed.status = 200;
        changed.body = R"({"id": "batch_)"
                       "\xff\xfe"
                       R"(, "object": )";
        changed.file.reset();
    }
    if (fault.action == FaultAction::half) {
        changed.body.resize(changed.body.size() / 2);
        if (changed.file) changed.file->size_bytes /= 2;
    }
    if (fault.action == FaultAction::gzip) changed.fields.emplace_back("Content-Encoding", "gzip");
    return changed;
}

bool cuts(FaultAction action) {
    return action == FaultAction::truncate || action == FaultAction::stall_body;
}

}  // namespace

asio::awaitable<bool> ResponseWriter::write(std::string_view bytes) {
    const boost::system::error_code error = co_await stream_.write(bytes);
    if (!error) sent_bytes_ += bytes.size();
    co_return !error;
}

asio::awaitable<bool> ResponseWriter::send_text(std::string_view text, std::uint64_t rate) {
    constexpr std::uint64_t kTicksPerSecond = 10;
    const std::size_t step = rate == 0 ? text.size() : std::max<std::uint64_t>(rate / kTicksPerSecond, 1);
    while (!text.empty()) {
        if (!co_await write(text.substr(0, step))) co_return false;
        text.remove_prefix(std::min(step, text.size()));
        if (rate != 0)
            co_await pause(
                std::chrono::duration<double>(static_cast<double>(step) / static_cast<double>(rate)));
    }
    co_return true;
}

asio::awaitable<bool> ResponseWriter::send_file(const FileSlice& file, std::uint64_t size_max,
                                                std::uint64_t rate) {
    const auto fd = open_file(file.path, O_RDONLY);
    if (!fd) co_return false;
    std::vector<char> buffer(kSendBufferBytes);
    const std::uint64_t size = std::min(file.size_bytes, size_max);
    for (std::uint64_t sent = 0; sent < size;) {
        const std::size_t count = read_at(fd->get(), buffer, file.offset + sent, size - sent);
        if (count == 0 || !co_await send_text({buffer.data(), count}, rate)) co_return false;
        sent += count;
    }
    co_return true;
}

asio::awaitable<bool> ResponseWriter::send_body(const Response& response, std::uint64_t size_max,
                                                std::uint64_t rate) {
    if (response.file) co_return co_await send_file(*response.file, size_max, rate);
    co_return co_await send_text(std::string_view(response.body).substr(0, size_max), rate);
}

asio::awaitable<void> ResponseWriter::cut_chunk(const Response& response, std::uint64_t size_max) {
    std::string head = wire_head(response, 0, RequestHead::After::close);
    const auto length = head.find("Content-Length: 0\r\n");
    head.replace(length, std::string_view("Content-Length: 0\r\n").size(), "Transfer-Encoding: chunked\r\n");
    std::array<char, 32> size_line{};
    std::snprintf(size_line.data(), size_line.size(), "%llx\r\n",
                  static_cast<unsigned long long>(std::max<std::uint64_t>(response.size_bytes(), 1)));
    head += size_line.data();
    if (co_await write(head)) co_await send_body(response, size_max, 0);
    co_await stream_.close();
}

asio::awaitable<Outcome> ResponseWriter::send(const Response& original, RequestHead::After after,
                                              const std::optional<Fault>& fault) {
    const Response response = fault ? spoilt(original, *fault) : original;
    const FaultAction action = fault ? fault->action : FaultAction::delay;
    if (action == FaultAction::chunk_cut) {
        co_await cut_chunk(response, fault->bytes);
        co_return Outcome::broken;
    }
    std::uint64_t announced = response.size_bytes();
    if (action == FaultAction::wrong_length) announced += static_cast<std::uint64_t>(fault->delta);
    std::string head = wire_head(response, announced, after);
    const bool at_once = !response.file && action != FaultAction::trickle && !cuts(action);
    if (at_once) head += response.body;
    if (!co_await write(head)) co_return Outcome::broken;
    const std::uint64_t size_max = cuts(action) ? fault->bytes : kWhole;
    const std::uint64_t rate = action == FaultAction::trickle ? std::max<std::uint64_t>(fault->bytes, 1) : 0;
    if (!at_once && !co_await send_body(response, size_max, rate)) co_return Outcome::broken;
    if (action == FaultAction::truncate || action == FaultAction::wrong_length) co_await stream_.close();
    co_return cuts(action) || action == FaultAction::wrong_length ? Outcome::broken : Outcome::sent;
}

}  // namespace batchd::sim
