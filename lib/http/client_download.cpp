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

asio::awaitable<Outcome<void>> Client::Impl::read_to_file(Answer& answer, FileWriter& writer,
                                                          std::uint64_t size_max, bool may_break_off) {
    const TransportError too_long{Phase::sent, Errc::too_large,
                                  "the answer is longer than " + format_size(size_max)};
    // Refused before the first byte is written: a disk that is full of a mistake holds up everything else.
    if (writer.size_bytes() + answer.reader->announced_bytes().value_or(0) > size_max) co_return too_long;
    std::vector<char> block(kDownloadBlockBytes);
    std::size_t filled = 0;
    std::uint64_t received = 0;
    const auto announced = answer.reader->announced_bytes();
    Crawl crawl(clock.uptime());
    for (bool ended = false; !ended;) {
        const auto got = co_await answer.reader->read_some(std::span(block).subspan(filled));
        if (got) filled += *got, received += *got;
        // What has come whole is not gone on with: there is nothing behind it.
        const bool is_open = got && *got > 0 && received != announced;
        const bool is_too_slow = may_break_off && is_open && crawl.is_too_slow(clock.uptime(), received);
        ended = !got || *got == 0 || is_too_slow;
        if (writer.size_bytes() + filled > size_max) co_return too_long;
        // Whole blocks only, for TLS brings 16 KiB at a time, and a download of gigabytes would be as many
        // small writes.
        if (!ended && filled < block.size()) continue;
        if (auto written = writer.append({block.data(), filled}); !written)
            co_return transport_error(Phase::local, written.error());
        filled = 0;
        if (is_too_slow) co_return too_slow();
        if (!got) co_return transport_error(Phase::sent, got.error());
    }
    co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> Client::Impl::commit(FileWriter& writer) {
    const auto committed = co_await run_blocking(pool, [&writer] { return writer.commit(); });
    if (!committed) co_return transport_error(Phase::local, committed.error());
    co_return Outcome<void>();
}

asio::awaitable<Outcome<Download>> Client::download(Request request, Path path, std::uint64_t size_max) {
    std::optional<Place> turn, place;
    std::optional<FileWriter> writer;
    std::optional<PartialBody> partial;
    for (bool is_behind_others = true;;) {
        if (std::exchange(is_behind_others, false)) {
            place.reset();
            turn.reset();
            // This comes first: who has a place must not wait for others that wait for one.
            turn.emplace(co_await impl_->downloads.enter());
            place.emplace(co_await enter());
        }
        Request part = request;
        if (partial)
            for (Header& header : partial->headers_after(writer->size_bytes()))
                part.headers.push_back(std::move(header));
        Origin origin = impl_->options.origin;
        auto answer = co_await impl_->follow(std::move(part), origin, RedirectReach::anywhere);
        if (!answer) co_return answer.error();
        const unsigned status = answer->response.status;
        const bool goes_on =
            status == 206 && partial && partial->goes_on(answer->response, writer->size_bytes());
        if (status != 200 && status != 206) {
            auto response = co_await impl_->read_body(*answer, {});
            if (!response) co_return response.error();
            impl_->keep(origin, std::move(*answer));
            co_return Download{std::move(*response), 0};
        }
        // Another part, or that of another file, would be joined to ours without anybody noticing.
        if (status == 206 && !goes_on)
            co_return protocol_error("the answer is not the part of the file that was asked for");
        if (answer->response.has_content_coding())
            co_return protocol_error("the answer is compressed, though nothing but identity was asked for");
        const bool begins_anew = partial && !goes_on;  // because the file can't be had in parts
        if (!goes_on) {
            writer.reset();
            auto created = FileWriter::create(path, 1);  // whole blocks go straight through
            if (!created) co_return transport_error(Phase::local, created.error());
            writer.emplace(std::move(*created));
            partial.emplace(answer->response, answer->reader->announced_bytes());
        }
        const std::uint64_t before = writer->size_bytes();
        // Where it could not be gone on with, all that has come would be lost.
        const bool may_break_off = !begins_anew && partial->can_go_on();
        const auto read = co_await impl_->read_to_file(*answer, *writer, size_max, may_break_off);
        if (read) {
            // Held against what the first answer announced, before the file has its name.
            if (partial->total() && *partial->total() != writer->size_bytes())
                co_return protocol_error("the parts of the answer do not add up to its size");
            if (auto committed = co_await impl_->commit(*writer); !committed) co_return committed.error();
            Download download{std::move(answer->response), writer->size_bytes()};
            download.response.status = 200;
            impl_->keep(origin, std::move(*answer));
            co_return download;
        }
        // A server that breaks off after a few bytes each time, or begins again wherever it is to go on,
        // would be asked thousands of times in a second; that is left to whoever asks again, with pauses.
        const bool is_worth_it = !begins_anew && writer->size_bytes() - before >= kWorthGoingOnBytes;
        const bool is_over = read.error().phase == Phase::local || read.error().code == Errc::too_large;
        if (is_over || !is_worth_it || !partial->can_go_on()) co_return read.error();
        // One that crawls goes on when those who wait had their turn.
        is_behind_others = read.error().code == asio::error::timed_out;
    }
}

}  // namespace batchd::http
