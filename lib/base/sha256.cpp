#include "base/sha256.hpp"

#include <cstring>
#include <new>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace batchd {

void Sha256::Free::operator()(void* context) const noexcept {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_.get()), EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
}

void Sha256::update(std::string_view bytes) {
    EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()), digest, nullptr);
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

Digest128 digest128(std::string_view bytes) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
    Digest128 half;
    std::memcpy(half.data(), digest, sizeof half);
    return half;
}

}  // namespace batchd
