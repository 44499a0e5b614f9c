#include "config/warnings.hpp"

#include <algorithm>
#include <string_view>

#include "config/values/listen_address.hpp"

namespace batchd::config {
namespace {

/// "/v1", "/openai/v1", "/v1beta": a part of the path that begins with a 'v' and a digit.
bool names_version(std::string_view url) {
    const std::size_t host = url.find("://");
    // In the path only: a host may well be called v1.
    for (std::size_t at = url.find('/', host + 3); at != std::string_view::npos; at = url.find('/', at + 1)) {
        const std::string_view part = url.substr(at + 1);
        if (part.size() > 1 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9') return true;
    }
    return false;
}

/// Azure's old form has the version in its query; of a bare host, the lines have it.
bool needs_version(const Provider& provider) {
    const std::size_t host = provider.base_url.find("://") + 3;
    // With the whole path in each line there is nothing to be missing here.
    if (provider.kind == Kind::direct && provider.base_url.find('/', host) == std::string::npos) return false;
    return !provider.base_url.empty() && !names_version(provider.base_url) &&
           provider.dialect.query.find("api-version=") == std::string::npos;
}

/// "https://host/v1/chat/completions" is where requests go, and batches are made beside it.
std::string_view endpoint_of(std::string_view url) {
    for (std::string_view endpoint : {"/chat/completions", "/completions", "/responses", "/embeddings",
                                      "/messages", "/batches", "/files", "/models"})
        if (url.ends_with(endpoint)) return endpoint;
    return {};
}

std::string with_endpoint(const std::string& section, std::string_view url, std::string_view endpoint) {
    return section + ".base_url is " + std::string(url) + ", with an endpoint: it ends with the version, " +
           std::string(url.substr(0, url.size() - endpoint.size()));
}

std::string without_version(const std::string& section, const std::string& url) {
    return section + ".base_url is " + url +
           ", without a version: providers answer 404 to that; it is most often " + url + "/v1";
}

/// Their batches have a form of their own.
bool is_unspoken(Kind kind) {
    return kind == Kind::mistral || kind == Kind::gemini || kind == Kind::anthropic;
}

std::string unspoken(const std::string& section, Kind kind) {
    return section + ".kind is \"" + std::string(to_string(kind)) +
           "\", whose form of batches this version does not speak: calls have OpenAI's; with kind = "
           "\"direct\" and "
           "the address of its OpenAI-compatible endpoint it can be sent to one by one";
}

void look_at(const std::string& section, const Provider& provider, std::vector<std::string>& lines) {
    const std::string_view endpoint = endpoint_of(provider.base_url);
    if (!endpoint.empty())
        lines.push_back(with_endpoint(section, provider.base_url, endpoint));
    else if (needs_version(provider))
        lines.push_back(without_version(section, provider.base_url));
    if (is_unspoken(provider.kind)) lines.push_back(unspoken(section, provider.kind));
}

std::string anybody_here(const std::string& address) {
    return "web.behind_proxy.address is " + address +
           ": whoever has an account on this machine connects from there, and comes in under any name; let "
           "the proxy connect to a path of web.listen, with address = \"unix\"";
}

std::string believed_nowhere(const std::string& address, bool wants_path) {
    return "web.behind_proxy.address is " + address + ", and web.listen has " +
           (wants_path ? "no path: whom the proxy names is believed where it connects to a path"
                       : "paths only: whom the proxy names is believed there with address = \"unix\"");
}

bool is_path(const std::string& place) {
    return place.starts_with('/');
}

}  // namespace

std::vector<std::string> warnings(const Settings& settings) {
    // Warnings and no errors: a server without a version in its paths is possible.
    std::vector<std::string> lines;
    look_at("provider", settings.provider, lines);
    for (const auto& [name, provider] : settings.providers) look_at("provider." + name, provider, lines);
    for (std::string& line : warnings(settings.web)) lines.push_back(std::move(line));
    return lines;
}

std::vector<std::string> warnings(const Web& web) {
    std::vector<std::string> lines;
    if (!web.behind_proxy) return lines;
    const std::string& address = web.behind_proxy->address;
    if (is_loopback_address(address)) lines.push_back(anybody_here(address));
    const bool wants_path = web.behind_proxy->is_unix();
    if (std::none_of(web.listen.begin(), web.listen.end(),
                     [&](const std::string& place) { return is_path(place) == wants_path; }))
        lines.push_back(believed_nowhere(address, wants_path));
    return lines;
}

}  // namespace batchd::config
