#pragma once

#include "http/header/url.hpp"
#include "http/message.hpp"

namespace batchd::http {

bool is_redirect(const Response& response);

/// Where a redirect in answer to `from` leads.
/// Errors: protocol where that is nowhere, from https to http, from another machine to this one, or to
/// another machine without encryption.
Result<Url> redirect_target(const Url& from, const Response& response);

/// Leaves the headers that another origin may see: those that say what is wanted. Whatever else there is may
/// be a key, for each service has a name of its own for the header that bears it.
void drop_credentials(Request& request);

}  // namespace batchd::http
