#include "config/keys/notify_secrets.hpp"

#include <optional>

#include <openssl/evp.h>

namespace batchd::config {
namespace {

// Bounded, for a wrong path may lead anywhere.
constexpr std::size_t kSecretFileMax = 16 * 1024;
constexpr std::size_t kAddressMax = 4096;
// Source: Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes, in base64 behind "whsec_".
constexpr std::size_t kSecretMin = 24, kSecretMax = 64;
constexpr std::string_view kPrefix = "whsec_";

/// Where something secret stands, and what.
struct Secret {
    std::string where;
    std::vector<std::string> lines;  ///< without white space around them, and without empty ones
};

std::vector<std::string> lines_of(const std::string& text) {
    static constexpr std::string_view kSpace = " \t\r\n\f\v";
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::size_t from = text.find_first_not_of(kSpace, at);
        if (from < end) lines.push_back(text.substr(from, text.find_last_not_of(kSpace, end - 1) - from + 1));
        at = end + 1;
    }
    return lines;
}

Result<Secret> read_secret(const Path& path, const std::string& where) {
    const auto text = read_file(path, kSecretFileMax);
    if (!text) return within(where, text.error());
    return Secret{where, lines_of(*text)};
}

/// The credential goes first, as for API keys. Nothing where neither is there.
Result<std::optional<Secret>> find_secret(const std::string& credential, const std::optional<Path>& file,
                                          const Environment& environment) {
    if (const auto directory = environment("CREDENTIALS_DIRECTORY")) {
        const Path path = Path(*directory) / credential;
        const auto there = file_exists(path);
        if (!there) return there.error();
        if (*there) {
            auto found = read_secret(path, "the systemd credential " + credential);
            if (!found) return found.error();
            return std::optional(std::move(*found));
        }
    }
    if (!file) return std::optional<Secret>();
    auto found = read_secret(*file, "the file " + file->string());
    if (!found) return found.error();
    return std::optional(std::move(*found));
}

}  // namespace

std::optional<std::string> parse_notify_key(std::string_view line) {
    if (line.starts_with(kPrefix)) line.remove_prefix(kPrefix.size());
    // OpenSSL wants whole groups of four, with their padding.
    if (line.empty() || line.size() % 4 != 0 || line.size() > 2 * kSecretMax) return std::nullopt;
    std::string bytes(line.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(line.data()), static_cast<int>(line.size()));
    if (size < 0) return std::nullopt;
    // OpenSSL counts what stands for the padding as bytes.
    const std::size_t padding = line.ends_with("==") ? 2 : line.ends_with("=") ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    if (bytes.size() < kSecretMin || bytes.size() > kSecretMax) return std::nullopt;
    return bytes;
}

Result<std::string> find_notify_url(const std::string& name, const NotifyTarget& target,
                                    const Environment& environment) {
    const std::string credential = "notify." + name;
    auto found = find_secret(credential, target.url_file, environment);
    if (!found) return found.error();
    if (!*found)
        return error(Errc::not_found, "no address: give the service the systemd credential " + credential +
                                          ", or name a file in notify." + name + ".url_file");
    const auto& [where, lines] = **found;
    if (lines.size() != 1 || lines.front().size() > kAddressMax)
        return error(Errc::bad_input, where + " must hold one address, and nothing else");
    return lines.front();
}

Result<std::vector<std::string>> find_notify_keys(const std::string& name, const NotifyTarget& target,
                                                  const Environment& environment) {
    auto found = find_secret("notify." + name + ".secret", target.secret_file, environment);
    if (!found) return found.error();
    std::vector<std::string> keys;
    if (!*found) return keys;
    const auto& [where, lines] = **found;
    for (const std::string& line : lines) {
        auto key = parse_notify_key(line);
        if (!key)
            return error(Errc::bad_input,
                         where +
                             " holds something that is no secret of a webhook: must be \"whsec_\" and 24 "
                             "to 64 bytes in base64");
        keys.push_back(std::move(*key));
    }
    // A third one was forgotten at the last rotation, and whoever leaked it could still sign.
    if (keys.empty() || keys.size() > 2)
        return error(Errc::bad_input, where +
                                          " must hold one secret, or two lines while it is rotated; it has " +
                                          std::to_string(keys.size()));
    return keys;
}

}  // namespace batchd::config
