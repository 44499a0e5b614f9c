#include "notify/signature.hpp"

#include <array>
#include <new>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace batchd::notify {
namespace {

std::string base64(std::span<const unsigned char> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string hmac_sha256(const std::string& key, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
             &size) == nullptr)
        throw std::bad_alloc();
    return base64(std::span(digest).first(size));
}

}  // namespace

std::string webhook_signature(std::span<const std::string> keys, std::string_view id,
                              std::string_view timestamp, std::string_view body) {
    const std::string text = std::string(id) + "." + std::string(timestamp) + "." + std::string(body);
    std::string signatures;
    for (const std::string& key : keys)
        signatures += (signatures.empty() ? "v1," : " v1,") + hmac_sha256(key, text);
    return signatures;
}

}  // namespace batchd::notify
