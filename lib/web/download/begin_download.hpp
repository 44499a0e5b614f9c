#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "server/exchange.hpp"
#include "web/request/range.hpp"
#include "web/request/validators.hpp"

namespace batchd::web {

/// Something that is kept as a file by whoever asks for it.
struct Attachment {
    std::string name;  ///< any: disposition() makes it fit for a header
    std::string type;  ///< what stands for it in Content-Type
    std::uint64_t size = 0;
    Validators validators;
};

/// Answers with the head, and with all of the answer where it needs no byte of the attachment: the client has
/// it already, asks for its head alone, or for a part beyond its end. Otherwise says what of it is to be
/// sent, and end() has to follow. Errors: as Exchange.
boost::asio::awaitable<Result<std::optional<Range>>> begin_download(server::Exchange& exchange,
                                                                    const Attachment& attachment);

/// The header Content-Disposition for a file of that name, which may be any. Pure.
std::string disposition(const std::string& name);

}  // namespace batchd::web
