#include "sim/connection.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sim/accent.hpp"
#include "sim/entrance.hpp"
#include "sim/liar.hpp"
#include "sim/request_reader.hpp"
#include "sim/request_subject.hpp"
#include "sim/response_writer.hpp"
#include "sim/router.hpp"

namespace batchd::sim {

namespace asio = boost::asio;

namespace {

enum class Next { another, none };

/// Counts a connection in the ledger for as long as it lives.
class Presence {
public:
    explicit Presence(Ledger& ledger) : ledger_(ledger) { ledger_.connection_opened(); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;
    ~Presence() { ledger_.connection_closed(); }

private:
    Ledger& ledger_;
};

asio::awaitable<void> wait_seconds(double seconds) {
    asio::steady_timer timer(co_await asio::this_coro::executor, seconds_to_millis(seconds));
    co_await timer.async_wait(asio::use_awaitable);
}

bool is(const std::optional<Fault>& fault, FaultAction action) {
    return fault && fault->action == action;
}

/// One connection's requests, in turn.
class Session {
public:
    Session(Backend& backend, Stream& stream)
        : backend_(backend),
          stream_(stream),
          reader_(stream, backend.ledger.traffic.bytes_up),
          writer_(stream, backend.ledger.traffic.bytes_down) {}

    asio::awaitable<void> run() {
        // Not `if (co_await …)`: g++ 12 breaks the frame when the condition is of a class type.
        const boost::system::error_code refused = co_await stream_.handshake();
        Next next = refused ? Next::none : Next::another;
        while (next == Next::another) next = co_await serve_one();
    }

private:
    asio::awaitable<Next> serve_one() {
        std::optional<RequestHead> head = co_await reader_.read_head();
        if (!head) co_return Next::none;
        head->path = path_within(backend_.settings, *head);
        backend_.ledger.request(route_label(*head));
        std::optional<Fault> fault;
        if (!head->path.starts_with("/admin/")) fault = fault_for(*head);
        if (fault && fault->seconds > 0) co_await wait_seconds(fault->seconds);
        if (is(fault, FaultAction::reset_before)) co_return end_with_reset();
        if (is(fault, FaultAction::stall_before)) co_return co_await stall();
        co_return co_await answer(*head, fault);
    }

    std::optional<Fault> fault_for(const RequestHead& head) {
        if (backend_.faults.empty()) return std::nullopt;
        return backend_.faults.take({.method = head.method,
                                     .path = head.path,
                                     .query = &head.query,
                                     .batch = batch_number_of(backend_, head),
                                     .now = backend_.clock.now()});
    }

    asio::awaitable<Next> answer(const RequestHead& head, const std::optional<Fault>& fault) {
        Response response;
        if (is(fault, FaultAction::status))
            response = fault->answer;
        else
            response = co_await handle(backend_, head, reader_);
        tell_lies(backend_, head, response);
        give_accent(backend_.settings, head, response);
        if (is(fault, FaultAction::status_after)) response = fault->answer;
        const bool early = is(fault, FaultAction::status) && fault->body == Fault::Body::leave;
        if (!early) co_await reader_.drain();
        if (reader_.error()) co_return Next::none;
        if (is(fault, FaultAction::reset_after)) co_return end_with_reset();
        if (is(fault, FaultAction::stall_after)) co_return co_await stall();
        const RequestHead::After after = early ? RequestHead::After::close : head.after;
        const Outcome outcome = co_await writer_.send(response, after, fault);
        if (is(fault, FaultAction::stall_body)) co_return co_await stall();
        if (outcome == Outcome::sent && after == RequestHead::After::keep_alive) co_return Next::another;
        co_await stream_.close();
        co_return Next::none;
    }

    Next end_with_reset() {
        stream_.reset();
        return Next::none;
    }

    asio::awaitable<Next> stall() {
        co_await reader_.wait_for_close();
        co_return Next::none;
    }

    Backend& backend_;
    Stream& stream_;
    RequestReader reader_;
    ResponseWriter writer_;
};

}  // namespace

asio::awaitable<void> serve(Backend& backend, std::unique_ptr<Stream> stream) {
    const Presence presence(backend.ledger);
    Session session(backend, *stream);
    co_await session.run();
}

}  // namespace batchd::sim
