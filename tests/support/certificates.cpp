#include "support/certificates.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>

namespace batchd::testing {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr long kDay = 24 * 60 * 60;

void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL can't make a test certificate");
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &data);
    return {data, static_cast<std::size_t>(size)};
}

Key make_key() {
    Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    require(key != nullptr);
    return key;
}

Identity to_identity(X509* certificate, EVP_PKEY* key) {
    const Bio certificate_text(BIO_new(BIO_s_mem()));
    const Bio key_text(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(certificate_text.get(), certificate) == 1);
    require(PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return {text_of(certificate_text.get()), text_of(key_text.get())};
}

Certificate read_certificate(const std::string& pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    require(certificate != nullptr);
    return certificate;
}

Key read_key(const std::string& pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    require(key != nullptr);
    return key;
}

void set_name(X509_NAME* name, const std::string& text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(text.size()), -1,
                                       0) == 1);
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Without serial, names of the issuer and signature.
Certificate draft(const std::string& name, EVP_PKEY* key, Validity validity) {
    Certificate certificate(X509_new());
    require(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1);
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
    const long begin = validity == Validity::not_yet ? kDay : -2 * kDay;
    const long end = validity == Validity::expired ? -kDay : 2 * kDay;
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begin);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), end);
    set_name(X509_get_subject_name(certificate.get()), name);
    require(X509_set_pubkey(certificate.get(), key) == 1);
    return certificate;
}

std::string alternative_name(const std::string& host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address(host, ec);
    return (ec ? "DNS:" : "IP:") + host;
}

}  // namespace

Authority::Authority() {
    const Key key = make_key();
    const Certificate certificate = draft("batchd test authority", key.get(), Validity::current);
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1);
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    own_ = to_identity(certificate.get(), key.get());
}

Identity Authority::issue(const std::string& host, Validity validity) const {
    const Certificate issuer = read_certificate(own_.certificate_pem);
    const Key issuer_key = read_key(own_.key_pem);
    const Key key = make_key();
    const Certificate certificate = draft(host, key.get(), validity);
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) == 1);
    add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid");
    add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternative_name(host));
    require(X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) > 0);
    return to_identity(certificate.get(), key.get());
}

Identity self_signed(const std::string& host) {
    const Key key = make_key();
    const Certificate certificate = draft(host, key.get(), Validity::current);
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) == 1);
    add_extension(certificate.get(), certificate.get(), NID_subject_alt_name, alternative_name(host));
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
    return to_identity(certificate.get(), key.get());
}

}  // namespace batchd::testing
