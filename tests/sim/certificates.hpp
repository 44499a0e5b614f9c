#pragma once

#include "base/disk/file.hpp"

namespace batchd::sim {

/// What kind of certificate a server shows.
enum class CertificateKind {
    good,         ///< signed by ca.pem, for localhost and 127.0.0.1
    expired,      ///< likewise, but its time is over
    wrong_host,   ///< signed by ca.pem, for another name
    self_signed,  ///< for localhost, signed by nobody else
};

struct CertificateFiles {
    Path ca;    ///< what a client has to trust
    Path cert;  ///< the server's
    Path key;
};

/// Makes a certificate authority and a server certificate under `directory`: ca.pem, cert.pem, key.pem.
/// Errors: errno, protocol for what OpenSSL refuses.
Result<CertificateFiles> make_certificates(const Path& directory,
                                           CertificateKind kind = CertificateKind::good);

}  // namespace batchd::sim
