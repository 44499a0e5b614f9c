#include "config/warnings.hpp"

#include <string_view>

namespace batchd::config {
namespace {

/// "/v1", "/openai/v1", "/v1beta": a part of the path that begins with a 'v' and a digit.
bool names_version(std::string_view url) {
    const std::size_t host = url.find("://");
    for (std::size_t at = url.find('/', host + 3); at != std::string_view::npos; at = url.find('/', at + 1)) {
        const std::string_view part = url.substr(at + 1);
        if (part.size() > 1 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9') return true;
    }
    return false;
}

}  // namespace

std::vector<std::string> warnings(const Settings& settings) {
    std::vector<std::string> lines;
    const std::string& url = settings.provider.base_url;
    // A warning and no error: a server without a version in its paths is possible.
    if (!names_version(url))
        lines.push_back("provider.base_url is " + url +
                        ", without a version: providers answer 404 to that; it is most "
                        "often " +
                        url + "/v1");
    return lines;
}

}  // namespace batchd::config
