#include "sim/certificates.hpp"

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "sim/chance.hpp"

namespace batchd::sim {
namespace {

struct Free {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

constexpr long kDay = 86400;

/// What stands in one certificate.
struct Contents {
    const char* name;
    const char* alt_names;  ///< nullptr for an authority
    long begins_in_seconds, ends_in_seconds;
};

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_extensions(X509* certificate, X509* issuer, const Contents& contents) {
    const bool authority = contents.alt_names == nullptr;
    return add_extension(certificate, issuer, NID_basic_constraints,
                         authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_key_usage,
                         authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
           (authority || add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth")) &&
           (authority || add_extension(certificate, issuer, NID_subject_alt_name, contents.alt_names));
}

/// A certificate for `key`, signed by `issuer_key`; `issuer` is nullptr for one that signs itself.
Certificate sign(const Contents& contents, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
    Certificate certificate(X509_new());
    X509* const raw = certificate.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), seeded_hash(0, random_hex(16)) >> 1U);
    X509_gmtime_adj(X509_getm_notBefore(raw), contents.begins_in_seconds);
    X509_gmtime_adj(X509_getm_notAfter(raw), contents.ends_in_seconds);
    X509_set_pubkey(raw, key);
    const std::string name = contents.name;
    X509_NAME_add_entry_by_NID(X509_get_subject_name(raw), NID_commonName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    X509* const signer = issuer == nullptr ? raw : issuer;
    X509_set_issuer_name(raw, X509_get_subject_name(signer));
    if (!add_extensions(raw, signer, contents) || X509_sign(raw, issuer_key, EVP_sha256()) == 0)
        return nullptr;
    return certificate;
}

template <class WritePem>
std::string pem(WritePem write) {
    const std::unique_ptr<BIO, Free> memory(BIO_new(BIO_s_mem()));
    write(memory.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string certificate_pem(X509* certificate) {
    return pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
}

Contents contents_of(CertificateKind kind) {
    Contents contents{"localhost", "DNS:localhost,IP:127.0.0.1", -kDay, 365 * kDay};
    if (kind == CertificateKind::expired)
        contents.begins_in_seconds = -30 * kDay, contents.ends_in_seconds = -kDay;
    if (kind == CertificateKind::wrong_host)
        contents.name = "elsewhere", contents.alt_names = "DNS:elsewhere.invalid";
    return contents;
}

}  // namespace

Result<CertificateFiles> make_certificates(const Path& directory, CertificateKind kind) {
    if (auto made = make_directory(directory); !made) return made.error();
    const Key ca_key(EVP_EC_gen("P-256")), key(EVP_EC_gen("P-256"));
    if (!ca_key || !key) return error(Errc::protocol, "OpenSSL can't make a P-256 key");
    const Certificate ca =
        sign({"batchd-sim authority", nullptr, -kDay, 3650 * kDay}, ca_key.get(), nullptr, ca_key.get());
    const bool alone = kind == CertificateKind::self_signed;
    const Certificate leaf =
        sign(contents_of(kind), key.get(), alone ? nullptr : ca.get(), alone ? key.get() : ca_key.get());
    if (!ca || !leaf) return error(Errc::protocol, "OpenSSL can't sign a certificate");
    CertificateFiles files{directory / "ca.pem", directory / "cert.pem", directory / "key.pem"};
    if (auto done = replace_file(files.ca, certificate_pem(ca.get())); !done) return done.error();
    if (auto done = replace_file(files.cert, certificate_pem(leaf.get())); !done) return done.error();
    const std::string key_pem = pem(
        [&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    if (auto done = replace_file(files.key, key_pem); !done) return done.error();
    return files;
}

}  // namespace batchd::sim
