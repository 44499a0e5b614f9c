#pragma once

#include <span>
#include <string>

#include "config/settings.hpp"
#include "http/message.hpp"
#include "store/told/notices.hpp"

namespace batchd::notify {

/// What a message needs that is secret, and the time at which it goes out.
struct Envelope {
    std::string target;             ///< path and query of the address
    std::vector<std::string> keys;  ///< a webhook's, as bytes
    TimePoint now{};
};

/// The call that tells `notices`, at least one; of a webhook exactly one, of a ping none. Not for commands.
http::Request message_of(config::NotifyKind kind, std::span<const store::Notice> notices,
                         const Envelope& envelope);

/// True for those who get several notices as one message, and at most one a minute.
bool is_summed_up(config::NotifyKind kind);

}  // namespace batchd::notify
