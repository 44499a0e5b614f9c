#include "web/download/begin_download.hpp"

#include "server/error_answer.hpp"
#include "web/html/html.hpp"
#include "web/safety/page_headers.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

server::AnswerHead head_for(const Range& range, const Attachment& attachment) {
    server::AnswerHead head{.status = 200,
                            .headers = {{"Content-Type", attachment.type},
                                        {"Content-Disposition", disposition(attachment.name)},
                                        {"Accept-Ranges", "bytes"},
                                        {"ETag", attachment.validators.etag},
                                        {"Last-Modified", attachment.validators.last_modified},
                                        {"Cache-Control", "no-store"}}};
    add_safe_headers(head);
    if (range.kind == Range::Kind::all) return head;
    // With the size of the whole, by which a client knows whether it has all parts.
    head.status = 206;
    head.headers.push_back({"Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                 std::to_string(range.first + range.size - 1) + "/" +
                                                 std::to_string(attachment.size)});
    return head;
}

server::Answer out_of_bounds(std::uint64_t size) {
    server::Answer answer = server::error_answer(416, "range", "the file ends before that");
    // It says how long the file is, so that the client can ask for a part that is there. Source: RFC 9110,
    // 15.5.17.
    answer.head.headers.push_back({"Content-Range", "bytes */" + std::to_string(size)});
    return answer;
}

/// Without a body, and with the same validators as the answer that it stands for. Source: RFC 9110, 15.4.5.
server::Answer unchanged(const Validators& validators) {
    server::Answer answer{
        .head = {.status = 304,
                 .headers = {{"ETag", validators.etag}, {"Last-Modified", validators.last_modified}}},
        .body = ""};
    add_safe_headers(answer.head);
    return answer;
}

}  // namespace

std::string disposition(const std::string& name) {
    std::string plain;
    // For clients that know only the old form of the name, which has no way to write anything else.
    for (const char c : name) plain += c >= 0x20 && c < 0x7F && c != '"' && c != '\\' ? c : '_';
    // Both forms, for the new one goes first with whoever knows it. Source: RFC 6266, 4.3.
    Html encoded;
    encoded << UrlPart(name);
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded.str();
}

asio::awaitable<Result<std::optional<Range>>> begin_download(server::Exchange& exchange,
                                                             const Attachment& attachment) {
    const std::optional<Range> nothing;
    const Range range = parse_range(wanted_range(exchange.head(), attachment.validators), attachment.size);
    const bool has_all = has_it(exchange.head(), attachment.validators);
    if (has_all || range.kind == Range::Kind::out_of_bounds) {
        server::Answer answer = has_all ? unchanged(attachment.validators) : out_of_bounds(attachment.size);
        auto answered = co_await exchange.answer(std::move(answer));
        if (!answered) co_return answered.error();
        co_return nothing;
    }
    server::AnswerHead head = head_for(range, attachment);
    if (auto begun = co_await exchange.begin(std::move(head), range.size); !begun) co_return begun.error();
    // HEAD gets the very head that GET would, length included, and no byte behind it.
    if (exchange.head().method != "HEAD") co_return std::optional(range);
    if (auto ended = co_await exchange.end(); !ended) co_return ended.error();
    co_return nothing;
}

}  // namespace batchd::web
