#pragma once

#include <string>

namespace batchd::testing {

/// What a server speaks at most.
enum class Tls { current, v1_1 };

/// A certificate and its private key, each in PEM form: what a TLS server shows.
struct Identity {
    std::string certificate_pem;
    std::string key_pem;
    Tls newest = Tls::current;
};

enum class Validity { current, expired, not_yet };

/// A certificate authority of one's own, made anew each time; nobody trusts it who isn't told to.
class Authority {
public:
    Authority();
    /// Its certificate: what goes into a ca_file.
    const std::string& certificate_pem() const { return own_.certificate_pem; }
    /// A server's identity for a DNS name or an IP address.
    Identity issue(const std::string& host, Validity validity = Validity::current) const;

private:
    Identity own_;
};

/// A server's identity that nobody vouches for but itself.
Identity self_signed(const std::string& host);

}  // namespace batchd::testing
