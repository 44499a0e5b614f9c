#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "control/notices_query.hpp"
#include "engine/notify/notifier.hpp"
#include "server/handler.hpp"
#include "store/store.hpp"

namespace batchd::control {

/// The routes of the control socket that are about notices:
///
///   GET /v1/notices?after=N[&key=KEY][&at=TIME][&wait=SECONDS][&target=NAME]
///       {"notices": [{"id", "key", "target", "queue", "type", "time", "text", "job"}], "newest": ID,
///       "from": {"id", "key", "time"}, "begin": ID} in order; `from` is the notice behind which they begin,
///       N but where that has another key or is not there: see store::Notices::resume(); `begin` is the id
///       from which on NAME is told, null for nobody's; `wait`: for the first of them
///   POST /v1/notify/NAME/test
///       {"ok": true or false, "result": "what came back"}
///   POST /v1/hooks with {"ok": …, "job": ID or null, "detail": "…"}
///       what came of a command becomes an event
class NoticesApi {
public:
    /// All of them outlive it.
    NoticesApi(store::Store& store, engine::Journal& journal, engine::Notifier& notifier, Clock& clock)
        : store_(store), journal_(journal), notifier_(notifier), clock_(clock) {}

    /// Nothing for what is none of these routes.
    boost::asio::awaitable<std::optional<server::Answer>> answer(const server::RequestHead& head,
                                                                 const std::string& body);

private:
    boost::asio::awaitable<server::Answer> list(NoticesQuery query);
    Result<server::Answer> page(const NoticesQuery& query, bool even_if_empty);
    Result<std::optional<std::int64_t>> begin_of(const std::string& target);
    server::Answer record_hook(const std::string& body);

    store::Store& store_;
    engine::Journal& journal_;
    engine::Notifier& notifier_;
    Clock& clock_;
};

}  // namespace batchd::control
