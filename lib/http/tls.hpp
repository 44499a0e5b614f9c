#pragma once

#include <memory>
#include <optional>

#include <boost/asio/ssl/context.hpp>

#include "base/disk/file.hpp"

namespace batchd::http {

/// For .cpp files of this directory only: what every TLS connection starts from. Peers are always verified,
/// against the system's store and, where given, the authorities in `ca_file` (PEM); TLS 1.2 and later.
/// Errors: the system's or OpenSSL's for a `ca_file` that can't be read.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const std::optional<Path>& ca_file);

}  // namespace batchd::http
