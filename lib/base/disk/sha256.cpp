#include "base/disk/sha256.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <unistd.h>

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

Result<std::string> sha256_of(int fd, const std::stop_token& stop) {
    Sha256 sha256;
    std::vector<char> block(256 * 1024);
    for (off_t offset = 0;;) {
        if (stop.stop_requested())
            return Error{make_error_code(boost::system::errc::operation_canceled), "hashing was stopped"};
        const ssize_t got = ::pread(fd, block.data(), block.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure("read");
        if (got == 0) return sha256.hex();
        sha256.update({block.data(), static_cast<std::size_t>(got)});
        offset += got;
    }
}

Digest128 digest128(std::string_view bytes) {
    // OpenSSL 3 looks its algorithm up at each one-shot call, which takes several times as long as hashing an
    // id.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                       EVP_MD_CTX_free);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    if (EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest, nullptr) != 1)
        throw std::bad_alloc();
    Digest128 half;
    std::memcpy(half.data(), digest, sizeof half);
    return half;
}

}  // namespace batchd
