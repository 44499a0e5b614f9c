#pragma once

#include <optional>
#include <string>

#include "server/exchange.hpp"
#include "spool/submit/inbox_drop.hpp"
#include "web/room.hpp"

/// A file on its way from a client to a hidden place beside the inbox, in constant memory.
namespace batchd::web {

/// What a form has brought.
struct ReceivedForm {
    std::optional<spool::InboxDrop> drop{};  ///< whole and durable; nothing where there was no file
    std::string queue{};
};

/// The folder of a queue's files. Errors: not_found, with the queues that there are.
Result<Path> inbox_of(const config::Settings& settings, const std::string& queue);

/// Of a form whose fields "form" and "queue" come before its "file". Errors: illegal where the form's token
/// is wrong, before anything is written; bad_input; not_found for a queue; errno; as Exchange.
boost::asio::awaitable<Result<ReceivedForm>> receive_form(server::Exchange& exchange, Room& room,
                                                          const std::string& session);

/// Of a body that is the file itself. Errors: likewise.
boost::asio::awaitable<Result<spool::InboxDrop>> receive_body(server::Exchange& exchange, Room& room,
                                                              const std::string& queue, std::string name);

/// Gives it its name, or a name with a number behind it where there is a file with that. Blocking. Errors: it
/// has none, and nothing is in the inbox; it can be tried again.
Result<void> publish(spool::InboxDrop& drop);

}  // namespace batchd::web
