#include "web/download/send_file.hpp"

#include <algorithm>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "base/async/run_blocking.hpp"
#include "base/disk/file.hpp"
#include "server/error_answer.hpp"
#include "web/html/html.hpp"
#include "web/request/range.hpp"
#include "web/request/validators.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

server::AnswerHead head_for(const Range& range, std::uint64_t size, const std::string& name,
                            const Validators& validators) {
    server::AnswerHead head{.status = 200,
                            // Never as text or HTML: what models and strangers have written must not become
                            // a page of ours.
                            .headers = {{"Content-Type", "application/octet-stream"},
                                        {"Content-Disposition", attachment(name)},
                                        {"Accept-Ranges", "bytes"},
                                        {"ETag", validators.etag},
                                        {"Last-Modified", validators.last_modified},
                                        {"Cache-Control", "no-store"}}};
    add_safe_headers(head);
    if (range.kind == Range::Kind::all) return head;
    head.status = 206;
    head.headers.push_back({"Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                 std::to_string(range.first + range.size - 1) + "/" +
                                                 std::to_string(size)});
    return head;
}

server::Answer out_of_bounds(std::uint64_t size) {
    server::Answer answer = server::error_answer(416, "range", "the file ends before that");
    answer.head.headers.push_back({"Content-Range", "bytes */" + std::to_string(size)});
    return answer;
}

server::Answer unchanged(const Validators& validators) {
    server::Answer answer{
        .head = {.status = 304,
                 .headers = {{"ETag", validators.etag}, {"Last-Modified", validators.last_modified}}},
        .body = ""};
    add_safe_headers(answer.head);
    return answer;
}

}  // namespace

std::string attachment(const std::string& name) {
    std::string plain;
    // For clients that know only the old form of the name, which has no way to write anything else.
    for (const char c : name) plain += c >= 0x20 && c < 0x7F && c != '"' && c != '\\' ? c : '_';
    Html encoded;
    encoded << UrlPart(name);
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded.str();
}

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
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const Validators validators = validators_of(status);
    if (has_it(exchange.head(), validators)) {
        server::Answer answer = unchanged(validators);
        co_return co_await exchange.answer(std::move(answer));
    }
    Range range = parse_range(wanted_range(exchange.head(), validators), size);
    if (range.kind == Range::Kind::out_of_bounds) {
        server::Answer refusal = out_of_bounds(size);
        co_return co_await exchange.answer(std::move(refusal));
    }
    server::AnswerHead head = head_for(range, size, name, validators);
    if (auto begun = co_await exchange.begin(std::move(head), range.size); !begun) co_return begun;
    if (exchange.head().method != "HEAD")
        if (auto sent = co_await send_bytes(exchange, file, range, pool); !sent) co_return sent;
    co_return co_await exchange.end();
}

}  // namespace batchd::web
