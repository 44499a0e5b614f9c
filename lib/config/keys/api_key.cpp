#include "config/keys/api_key.hpp"

#include <algorithm>

#include "base/text/byte_order_mark.hpp"

namespace batchd::config {
namespace {

// A key has a hundred characters, and a token of some cloud two thousand.
constexpr std::size_t kKeyMax = 4096;

std::string_view without_space(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r\n\f\v");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n\f\v") - from + 1);
}

/// The key out of what people write into such a file: without the mark that editors put before UTF-8, as it
/// stands in a line of a shell or of an environment file (`export OPENAI_API_KEY="sk-…"`), with or without
/// quotes.
std::string_view bare_key(std::string_view text) {
    static constexpr std::string_view kExport = "export ";
    text = without_space(without_byte_order_mark(text));
    if (text.starts_with(kExport)) text = without_space(text.substr(kExport.size()));
    const auto is_of_a_name = [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const std::size_t equals = text.find('=');
    // The names of such variables are in capitals, and end like this; a key may have a '=' of its own.
    const std::string_view name = without_space(text.substr(0, std::min(equals, text.size())));
    if (equals != std::string_view::npos && name.ends_with("KEY") &&
        std::all_of(name.begin(), name.end(), is_of_a_name))
        text = without_space(text.substr(equals + 1));
    const bool is_quoted =
        text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
    return is_quoted ? without_space(text.substr(1, text.size() - 2)) : text;
}

/// A key goes into a header as it is: anything else than visible ASCII would let it write other headers.
Result<ApiKey> checked(std::string_view text, std::string where, std::string until) {
    const std::string_view key = bare_key(text);
    const auto is_visible = [](char c) { return c > 0x20 && c < 0x7F; };
    if (key.empty()) return error(Errc::bad_input, where + " is empty: it must hold the provider's API key");
    if (key.size() > kKeyMax)
        return error(Errc::bad_input, where + " is too long for an API key: more than 4096 bytes");
    if (!std::all_of(key.begin(), key.end(), is_visible))
        return error(
            Errc::bad_input,
            where + " holds spaces, line ends, control or other characters: it must hold one API key, alone");
    // A quotation mark that is left over comes from a line that was cut, and the key would be refused at
    // the first call.
    if (key.find_first_of("\"'`") != std::string_view::npos)
        return error(Errc::bad_input, where + " holds a quotation mark: it must hold one API key, alone");
    return ApiKey{std::string(key), std::move(where), std::move(until)};
}

Result<std::string> read_key(const Path& path, const std::string& where) {
    // Bounded, for a wrong path may name anything, a device without an end included.
    auto text = read_file(path, kKeyMax + 256);  // with room for white space
    if (text) return text;
    if (text.error().code == Errc::too_large)
        return error(Errc::bad_input, where + " is too long for an API key: more than 4096 bytes");
    return within(where, text.error());
}

Result<ApiKey> from_file(const Path& path) {
    const std::string where = "the file " + path.string();
    const auto text = read_key(path, where);
    if (!text) return text.error();
    return checked(*text, where, "which is read again when it changes");
}

/// Nothing where there is none, or only white space in it: that is what the unit sets where there is no
/// /etc/batchd/api_key, because systemd does not start a service whose credential it can't load.
Result<std::optional<ApiKey>> from_credential(const Path& path) {
    const auto there = file_exists(path);
    if (!there) return there.error();
    if (!*there) return std::optional<ApiKey>();
    const std::string where = "the systemd credential " + path.string();
    const auto text = read_key(path, where);
    if (!text) return text.error();
    // Then the next place counts, as if there were no credential.
    if (bare_key(*text).empty()) return std::optional<ApiKey>();
    auto key = checked(*text, where, "which systemd reads when the service starts");
    if (!key) return key.error();
    return std::optional(std::move(*key));
}

/// Where the key of a provider may be.
struct Places {
    std::string credential;  ///< "api_key.azure"
    std::string file_key;    ///< "provider.azure.api_key_file"
    std::string variable;    ///< "BATCHD_API_KEY_AZURE"
    std::string whose;       ///< " for the provider azure"
};

Places places_of(const std::string& name) {
    if (name.empty()) return {"api_key", "provider.api_key_file", "OPENAI_API_KEY", ""};
    std::string variable = "BATCHD_API_KEY_";
    for (const char c : name)
        variable += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return {"api_key." + name, "provider." + name + ".api_key_file", variable, " for the provider " + name};
}

Error no_key(const Places& places) {
    return error(Errc::not_found, "no API key" + places.whose + ": give the service the systemd credential " +
                                      places.credential + ", name a file in " + places.file_key +
                                      ", or set " + places.variable);
}

/// The unit loads one credential by itself; the others need a drop-in.
Error no_key_of_the_service(const Places& places) {
    const std::string file = "/etc/batchd/" + places.credential;
    if (places.whose.empty())
        return error(Errc::not_found, "no API key: write it to " + file +
                                          ", from where systemd takes the credential api_key, and run "
                                          "systemctl restart batchd; or name a file in " +
                                          places.file_key);
    return error(
        Errc::not_found,
        "no API key" + places.whose + ": write it to " + file +
            ", have it loaded (systemctl edit batchd: [Service] LoadCredential=" + places.credential + ":" +
            file + ") and run systemctl restart batchd; or name a file in " + places.file_key);
}

}  // namespace

Result<ApiKey> find_api_key(const Settings& settings, const Environment& environment) {
    return find_api_key(settings, {}, environment);
}

Result<ApiKey> find_api_key(const Settings& settings, const std::string& name,
                            const Environment& environment) {
    const Places places = places_of(name);
    const auto directory = environment("CREDENTIALS_DIRECTORY");
    // The credential comes first, for it is what the operator gave to this service; a file or a variable
    // may be meant for other programs as well.
    if (directory) {
        auto key = from_credential(Path(*directory) / places.credential);
        if (!key) return key.error();
        if (*key) return std::move(**key);
    }
    const Provider& provider = name.empty() ? settings.provider : settings.providers.at(name);
    if (const auto& path = provider.api_key_file) return from_file(*path);
    if (const auto key = environment(places.variable))
        return checked(*key, "the environment variable " + places.variable, "which batchd is started with");
    // Within a service the remedy is another than in a shell.
    return directory ? no_key_of_the_service(places) : no_key(places);
}

Result<std::optional<std::string>> find_service_key(const Path& etc, const std::string& name) {
    const std::string credential = places_of(name).credential;
    const Path plain = etc / credential, encrypted = etc / (credential + ".cred");
    // It goes first, as systemd has it. What is in it can't be read from outside of the service.
    const auto has_encrypted = file_exists(encrypted);
    if (!has_encrypted) return has_encrypted.error();
    if (*has_encrypted)
        return std::optional("the encrypted systemd credential " + encrypted.string() +
                             ", where a drop-in of batchd.service loads it (LoadCredentialEncrypted=)");
    const auto has_plain = file_exists(plain);
    if (!has_plain) return has_plain.error();
    if (!*has_plain) return std::optional<std::string>();
    const auto key = from_file(plain);
    if (!key) return key.error();
    return std::optional(
        "the systemd credential " + credential + ", which is read from " + plain.string() +
        " when the service starts" +
        (name.empty() ? "" : ", where a drop-in of batchd.service loads it (LoadCredential=)"));
}

}  // namespace batchd::config
