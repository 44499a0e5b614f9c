#include "http/tls.hpp"

#include <openssl/ssl.h>

#include <fcntl.h>

namespace batchd::http {

namespace ssl = boost::asio::ssl;

Result<std::unique_ptr<ssl::context>> make_tls_context(const std::optional<Path>& ca_file) {
    auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
    // What is older is broken, and no provider of an API has spoken it for years.
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(ssl::verify_peer);
    boost::system::error_code ec;
    // The system's store stays beside a ca_file: with a proxy of the house in front of one provider the
    // others still have their own certificates.
    context->set_default_verify_paths(ec);
    if (ec) return Error{ec, "the system's certificate store can't be read"};
    if (!ca_file) return context;
    // Opened first for the system's own words: OpenSSL's are "system lib".
    if (auto readable = open_file(*ca_file, O_RDONLY); !readable) return within("ca_file", readable.error());
    // Read once: another file under this name counts once the client is made anew.
    context->load_verify_file(ca_file->string(), ec);
    if (ec) return Error{ec, "ca_file " + ca_file->string() + " has no certificate in PEM form"};
    return context;
}

}  // namespace batchd::http
