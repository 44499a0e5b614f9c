#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "provider/provider.hpp"

/// What a call that went wrong means, decided in one place and from values alone.
namespace batchd::provider {

/// Whether a call changes something at the provider that must not happen twice.
enum class Effect { none, possible };

/// A call without an answer: `doubt` where it may have had its effect, `unreachable` where nothing was sent.
Failure classify(const http::TransportError& error, Effect effect);

/// An answer that isn't 2xx. Only what the provider says in its own words is about the request; the page or
/// the text of something before it says that the call did not get through. `now` is what a date in
/// Retry-After counts from, where the answer has no date of its own.
Failure classify(const http::Response& response, Effect effect, TimePoint now);

/// As it is for a listing from its beginning: a whole listing that is not found is one that the server does
/// not have.
Failure of_listing(Failure failure);

/// As it is for a creation: a file that is not found, or not ready, may be in a moment. Such a failure is
/// `not_found` with the code "file_not_visible".
Failure of_creation(Failure failure);

/// An answer that says 2xx but not what was asked for: a captive portal's page, a proxy's apology. `wanted`:
/// what was asked for, as people call it: "a batch object".
Failure unusable(const http::Response& response, Effect effect, std::string_view wanted);

/// `text` fit for a log, a database and a terminal: printable, at most 2 KiB, without `key` and without
/// anything that looks like a key ("sk-…", "gsk_…") or a token ("eyJ…": one that was replaced may be named).
std::string safe_text(std::string_view text, std::string_view key);

/// `failure` with each of its texts made safe.
Failure safe(Failure failure, std::string_view key);

}  // namespace batchd::provider
