#include "web/safety/access.hpp"

#include <array>
#include <span>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace batchd::web {
namespace {

constexpr std::size_t kTokenBytes = 16;

std::string hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) (text += kDigits[byte >> 4U]) += kDigits[byte & 0xFU];
    return text;
}

bool is_same(std::string_view one, std::string_view other) {
    // In constant time, since how long a comparison takes would give a token away byte by byte.
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

/// "" where there are no random numbers, and never a number that is none.
std::string random_hex() {
    std::array<unsigned char, kTokenBytes> bytes{};
    return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1 ? hex(bytes) : std::string();
}

}  // namespace

Result<std::string> make_token() {
    std::string token = random_hex();
    // The page does not start without one: every other way to let somebody in would be worse.
    if (token.empty()) return error(Errc::protocol, "there are no random numbers for a token");
    return token;
}

std::string Access::digest(std::string_view purpose, std::string_view of) const {
    // The purpose is part of what is signed: a session is no form token, though both come of one secret.
    const std::string message = std::string(purpose) + ":" + std::string(of);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    HMAC(EVP_sha256(), token_.data(), static_cast<int>(token_.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), bytes.data(), &size);
    return hex({bytes.data(), size});
}

bool Access::is_token(std::string_view given) const {
    return is_same(given, token_);
}

std::string Access::open_session() const {
    // Sessions are signed and not kept: nothing grows with visitors, and a restart, which makes a new
    // token, ends them all.
    // Where there are no random numbers it is empty, and is_session() takes none of that length: nobody gets
    // in by a number that can be guessed.
    const std::string number = random_hex();
    return number + "." + digest("session", number);
}

bool Access::is_session(std::string_view cookie) const {
    const auto dot = cookie.find('.');
    // Before anything is reckoned: a cookie of a megabyte is refused by its form.
    if (dot != 2 * kTokenBytes) return false;
    return is_same(cookie.substr(dot + 1), digest("session", cookie.substr(0, dot)));
}

/// It follows from the session, so nothing is kept for it, and the form of one browser is of no use in
/// another.
std::string Access::form_token(std::string_view session) const {
    return digest("form", session);
}

bool Access::is_form_token(std::string_view given, std::string_view session) const {
    return is_same(given, form_token(session));
}

}  // namespace batchd::web
