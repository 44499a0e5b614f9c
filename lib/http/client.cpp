#include "http/client.hpp"

#include <algorithm>
#include <vector>

#include <boost/beast/core/error.hpp>

#include "http/client_impl.hpp"
#include "http/content/form_source.hpp"
#include "http/header/redirect.hpp"

namespace batchd::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kBodyMax = 16 * 1024 * 1024;
constexpr std::size_t kShownBytes = 4 * 1024;
constexpr std::size_t kErrorBodyMax = 64 * 1024;
constexpr unsigned kRedirectsMax = 3;

asio::awaitable<Outcome<void>> send(Connection& connection, const std::string& head, const Request& request,
                                    const FormSource* source) {
    const std::string first = source == nullptr ? head + request.body : head;
    // Head and body in one write where both are in memory: two would be two packets, and some servers count
    // from the first.
    if (auto sent = co_await connection.write_all(first); !sent)
        co_return transport_error(Phase::sent, sent.error());
    if (source != nullptr) co_return co_await send_form(connection, *source);
    co_return Outcome<void>();
}

struct Attempt {
    Outcome<Answer> outcome = TransportError{};
    bool is_untouched = true;  ///< not one byte of an answer came
};

/// Sends the request and reads the answer's header.
asio::awaitable<Attempt> attempt(std::unique_ptr<Connection> connection, const std::string& head,
                                 const Request& request, const FormSource* source) {
    auto sent = co_await send(*connection, head, request, source);
    if (!sent && sent.error().phase == Phase::local) co_return Attempt{sent.error(), false};
    if (!sent) connection->end_sending();
    auto reader = std::make_unique<AnswerReader>(*connection);
    // A server that refuses may answer and close while we still send: its answer says more than our failure.
    auto header = co_await reader->read_header();
    const bool is_untouched = reader->is_untouched();
    if (!header && !sent) co_return Attempt{sent.error(), is_untouched};
    if (!header) co_return Attempt{transport_error(Phase::sent, header.error()), is_untouched};
    Answer answer{std::move(connection), std::move(reader), std::move(*header)};
    co_return Attempt{std::move(answer), false};
}

}  // namespace

asio::awaitable<Outcome<Answer>> Client::Impl::ask(Origin origin, const Request& request,
                                                   const FormSource* source) {
    const std::uint64_t body_size = source == nullptr ? request.body.size() : source->body_size();
    const auto head = serialize_head(request, origin, options.user_agent, body_size);
    if (!head) co_return transport_error(Phase::local, head.error());
    if (auto kept = take_idle(origin, request.method)) {
        auto first = co_await attempt(std::move(kept), *head, request, source);
        // The server may close a kept connection at the moment in which we use it. Without one byte of an
        // answer, what only looks is asked again; a POST is not, for it may have been read before the end
        // came.
        const bool was_stale = !first.outcome && first.is_untouched &&
                               first.outcome.error().code != boost::beast::error::timeout;
        if (!was_stale || request.method == Method::post) co_return std::move(first.outcome);
    }
    auto fresh = co_await connect_to(origin);
    if (!fresh) co_return fresh.error();
    auto only = co_await attempt(std::move(*fresh), *head, request, source);
    co_return std::move(only.outcome);
}

/// As ask(), along redirects; `origin` is where the answer came from in the end.
asio::awaitable<Outcome<Answer>> Client::Impl::follow(Request request, Origin& origin, RedirectReach reach) {
    for (unsigned hops = 0;; ++hops) {
        auto answer = co_await ask(origin, request, nullptr);
        if (answer) answer->response.is_from_elsewhere = origin != options.origin;
        // A POST is never led anywhere else: it may have taken effect where it was first.
        if (!answer || request.method != Method::get || !is_redirect(answer->response)) co_return answer;
        if (hops == kRedirectsMax) co_return protocol_error("redirected more than 3 times");
        const auto to = redirect_target({origin, request.target}, answer->response);
        if (!to) co_return transport_error(Phase::sent, to.error());
        // What is answered elsewhere is not the answer: the redirect itself is.
        if (to->origin != origin && reach == RedirectReach::same_origin) co_return answer;
        // The key is for the provider alone, and a storage that got it would be a leak whoever runs it.
        if (to->origin != origin) drop_credentials(request);
        origin = to->origin;
        request.target = to->target;
    }
}

asio::awaitable<Outcome<Response>> Client::Impl::read_body(Answer& answer, const BodySink& sink,
                                                           const BodyRoom& room) {
    const bool is_good = answer.response.status / 100 == 2;
    if (answer.response.has_content_coding()) {
        if (is_good)
            co_return protocol_error("the answer is compressed, though nothing but identity was asked for");
        co_return std::move(answer.response);
    }
    const bool is_streamed = is_good && sink;
    const std::uint64_t size_max = is_streamed ? options.streamed_bytes_max : kBodyMax;
    std::string& body = answer.response.body;
    std::vector<char> block(16 * 1024);
    std::uint64_t size = 0;
    for (;;) {
        // Before the read and not behind it: what has come is in memory already.
        if (is_streamed && room) co_await room(size);
        const auto got = co_await answer.reader->read_some(block);
        // The status of a refusal counts even where its explanation is cut off.
        if (!got && !is_good) break;
        if (!got) co_return transport_error(Phase::sent, got.error());
        if (*got == 0) break;
        size += *got;
        if (is_good && size > size_max)
            co_return TransportError{Phase::sent, Errc::too_large,
                                     "the answer is longer than " + format_size(size_max)};
        const std::string_view piece(block.data(), *got);
        if (!is_streamed || body.size() < kShownBytes) body.append(piece);
        // The reader has what it wanted, or more than it keeps.
        if (is_streamed && !sink(piece)) break;
        if (!is_good && body.size() >= kErrorBodyMax) break;
    }
    if (!is_good) body.resize(std::min(body.size(), kErrorBodyMax));
    if (is_streamed) body.resize(std::min(body.size(), kShownBytes));
    co_return std::move(answer.response);
}

Result<std::unique_ptr<Client>> Client::create(Options options, asio::any_io_executor executor,
                                               asio::thread_pool& pool, Clock& clock) {
    if (is_in_the_clear(options.origin) && !options.allow_plain_http)
        return error(Errc::bad_input,
                     to_string(options.origin) + " is not encrypted: https:// is needed for another machine");
    auto impl = std::make_unique<Impl>(std::move(options), std::move(executor), pool, clock);
    if (impl->options.origin.scheme == Scheme::https || impl->options.ca_file) {
        if (auto tls = impl->tls_context(); !tls) return tls.error();
    }
    return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() = default;

void Client::close_idle(Millis idle_for) {
    impl_->idle.close(idle_for, impl_->clock.uptime());
}

asio::awaitable<Client::Place> Client::enter() {
    return impl_->turnstile.enter();
}

asio::awaitable<Outcome<Response>> Client::request(Request request, BodySink sink, BodyRoom room) {
    const auto place = co_await enter();
    co_return co_await request_within(place, std::move(request), std::move(sink), std::move(room));
}

asio::awaitable<Outcome<Response>> Client::request_within(const Place&, Request request, BodySink sink,
                                                          BodyRoom room) {
    Origin origin = impl_->options.origin;
    auto answer = co_await impl_->follow(std::move(request), origin, RedirectReach::same_origin);
    if (!answer) co_return answer.error();
    auto response = co_await impl_->read_body(*answer, sink, room);
    if (response) impl_->keep(origin, std::move(*answer));
    co_return response;
}

asio::awaitable<Outcome<Response>> Client::upload(Request request, Form form, std::optional<Place> place) {
    if (!place) place.emplace(co_await enter());
    const auto source = open_form_source(form);
    if (!source) co_return transport_error(Phase::local, source.error());
    request.headers.push_back({"Content-Type", source->frame.content_type});
    auto answer = co_await impl_->ask(impl_->options.origin, request, &*source);
    if (!answer) co_return answer.error();
    auto response = co_await impl_->read_body(*answer, {});
    if (response) impl_->keep(impl_->options.origin, std::move(*answer));
    co_return response;
}

}  // namespace batchd::http
