// Downloads: bodies that go into files, and are gone on with where they are cut off.

#include <utility>
#include <vector>

#include <boost/asio/error.hpp>

#include "base/async/run_blocking.hpp"
#include "http/client_impl.hpp"
#include "http/content/crawl.hpp"
#include "http/content/partial_body.hpp"

namespace batchd::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kDownloadBlockBytes = 256 * 1024;
/// An answer that is cut off after less is not gone on with, but left to whoever asks again, later.
constexpr std::uint64_t kWorthGoingOnBytes = 64 * 1024;

TransportError too_slow() {
    return {Phase::sent, asio::error::timed_out,
            "it is too slow: less than " + format_size(Crawl::kBytesMin) + " in " +
                format_duration(Crawl::kWindow)};
}

}  // namespace

/// One body on its way into its file, over as many answers as it takes.
class Client::Impl::FileDownload {
public:
    FileDownload(Impl& client, Path path, std::uint64_t size_max)
        : client_(client), path_(std::move(path)), size_max_(size_max) {}

    asio::awaitable<Outcome<Download>> get(Request request);

private:
    asio::awaitable<void> wait_for_turn();
    /// `request`, for what the file does not have yet.
    Request rest_of(const Request& request) const;
    /// Makes the file ready for the body of `answer`, an answer with one. True: the answer goes on with what
    /// is there, or is the first; false: it begins the file anew, for it can't be had in parts.
    Outcome<bool> make_ready(const Answer& answer);
    Outcome<void> begin_file(const Answer& answer);
    /// Appends the body to the file, as far as it comes.
    asio::awaitable<Outcome<void>> read(Answer& answer, bool may_break_off);
    Outcome<void> append(std::span<const char> bytes);
    TransportError too_long() const;
    asio::awaitable<Outcome<Download>> commit(Answer answer, const Origin& origin);
    /// An answer that is not the body that was asked for.
    asio::awaitable<Outcome<Download>> pass_on(Answer answer, const Origin& origin);

    Impl& client_;
    const Path path_;
    const std::uint64_t size_max_;
    std::optional<Place> turn_, place_;
    std::optional<FileWriter> writer_;
    std::optional<PartialBody> partial_;
};

asio::awaitable<Outcome<Download>> Client::Impl::FileDownload::get(Request request) {
    co_await wait_for_turn();
    for (;;) {
        Origin origin = client_.options.origin;
        auto answer = co_await client_.follow(rest_of(request), origin, RedirectReach::anywhere);
        if (!answer) co_return answer.error();
        const unsigned status = answer->response.status;
        if (status != 200 && status != 206) co_return co_await pass_on(std::move(*answer), origin);
        const auto ready = make_ready(*answer);
        if (!ready) co_return ready.error();
        // Where it can't be gone on with, all that has come would be lost.
        const bool can_go_on = *ready && partial_->can_go_on();
        const std::uint64_t before = writer_->size_bytes();
        const auto read_all = co_await read(*answer, can_go_on);
        if (read_all) co_return co_await commit(std::move(*answer), origin);
        const TransportError& error = read_all.error();
        // A server that breaks off after a few bytes each time, or begins again wherever it is to go on,
        // would be asked thousands of times in a second; that is left to whoever asks again, with pauses.
        const bool is_worth_it = can_go_on && writer_->size_bytes() - before >= kWorthGoingOnBytes;
        const bool is_over = error.phase == Phase::local || error.code == Errc::too_large;
        if (is_over || !is_worth_it) co_return error;
        // One that crawls goes on when those who wait had their turn.
        if (error.code == asio::error::timed_out) co_await wait_for_turn();
    }
}

asio::awaitable<void> Client::Impl::FileDownload::wait_for_turn() {
    place_.reset();
    turn_.reset();
    // This comes first: who has a place must not wait for others that wait for one.
    turn_.emplace(co_await client_.downloads.enter());
    place_.emplace(co_await client_.turnstile.enter());
}

Request Client::Impl::FileDownload::rest_of(const Request& request) const {
    Request rest = request;
    if (partial_)
        for (Header& header : partial_->headers_after(writer_->size_bytes()))
            rest.headers.push_back(std::move(header));
    return rest;
}

Outcome<bool> Client::Impl::FileDownload::make_ready(const Answer& answer) {
    const bool is_part = answer.response.status == 206;
    const bool goes_on = is_part && partial_ && partial_->goes_on(answer.response, writer_->size_bytes());
    // Another part, or that of another file, would be joined to ours without anybody noticing.
    if (is_part && !goes_on)
        return protocol_error("the answer is not the part of the file that was asked for");
    if (answer.response.has_content_coding())
        return protocol_error("the answer is compressed, though nothing but identity was asked for");
    if (goes_on) return true;
    const bool is_first = !partial_;
    if (auto begun = begin_file(answer); !begun) return begun.error();
    return is_first;
}

Outcome<void> Client::Impl::FileDownload::begin_file(const Answer& answer) {
    writer_.reset();
    auto created = FileWriter::create(path_, 1);  // whole blocks go straight through
    if (!created) return transport_error(Phase::local, created.error());
    writer_.emplace(std::move(*created));
    partial_.emplace(answer.response, answer.reader->announced_bytes());
    return Outcome<void>();
}

asio::awaitable<Outcome<void>> Client::Impl::FileDownload::read(Answer& answer, bool may_break_off) {
    // Refused before the first byte is written: a disk that is full of a mistake holds up everything else.
    const auto announced = answer.reader->announced_bytes();
    if (writer_->size_bytes() + announced.value_or(0) > size_max_) co_return too_long();
    std::vector<char> block(kDownloadBlockBytes);
    std::size_t filled = 0;
    std::uint64_t received = 0;
    Crawl crawl(client_.clock.uptime());
    for (bool ended = false; !ended;) {
        const auto got = co_await answer.reader->read_some(std::span(block).subspan(filled));
        if (got) filled += *got, received += *got;
        // What has come whole is not gone on with: there is nothing behind it.
        const bool is_open = got && *got > 0 && received != announced;
        const bool is_too_slow =
            may_break_off && is_open && crawl.is_too_slow(client_.clock.uptime(), received);
        ended = !got || *got == 0 || is_too_slow;
        if (writer_->size_bytes() + filled > size_max_) co_return too_long();
        // Whole blocks only, for TLS brings 16 KiB at a time, and a download of gigabytes would be as many
        // small writes.
        if (!ended && filled < block.size()) continue;
        if (auto written = append({block.data(), filled}); !written) co_return written.error();
        filled = 0;
        if (is_too_slow) co_return too_slow();
        if (!got) co_return transport_error(Phase::sent, got.error());
    }
    co_return Outcome<void>();
}

Outcome<void> Client::Impl::FileDownload::append(std::span<const char> bytes) {
    const auto written = writer_->append({bytes.data(), bytes.size()});
    if (!written) return transport_error(Phase::local, written.error());
    return Outcome<void>();
}

TransportError Client::Impl::FileDownload::too_long() const {
    return {Phase::sent, Errc::too_large, "the answer is longer than " + format_size(size_max_)};
}

asio::awaitable<Outcome<Download>> Client::Impl::FileDownload::commit(Answer answer, const Origin& origin) {
    // Held against what the first answer announced, before the file has its name.
    if (partial_->total() && *partial_->total() != writer_->size_bytes())
        co_return protocol_error("the parts of the answer do not add up to its size");
    const auto committed = co_await run_blocking(client_.pool, [this] { return writer_->commit(); });
    if (!committed) co_return transport_error(Phase::local, committed.error());
    Download download{std::move(answer.response), writer_->size_bytes()};
    download.response.status = 200;
    client_.keep(origin, std::move(answer));
    co_return download;
}

asio::awaitable<Outcome<Download>> Client::Impl::FileDownload::pass_on(Answer answer, const Origin& origin) {
    auto response = co_await client_.read_body(answer, {});
    if (!response) co_return response.error();
    client_.keep(origin, std::move(answer));
    co_return Download{std::move(*response), 0};
}

asio::awaitable<Outcome<Download>> Client::download(Request request, Path path, std::uint64_t size_max) {
    Impl::FileDownload download(*impl_, std::move(path), size_max);
    co_return co_await download.get(std::move(request));
}

}  // namespace batchd::http
