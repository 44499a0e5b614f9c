#include "daemon/web/web_link.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd {
namespace {

constexpr std::size_t kLinkMax = 4096;
constexpr mode_t kLinkMode = 0640;

/// Named by where the page listens, for a machine may have several.
std::string file_name(std::string_view what, const config::Web& settings) {
    std::string name = std::string(what) + "-" + settings.listen.front();
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
}

std::vector<Path> places() {
    std::vector<Path> found;
    const char* const given = std::getenv("RUNTIME_DIRECTORY");
    if (given != nullptr) found.emplace_back(std::string(given).substr(0, std::string(given).find(':')));
    found.emplace_back("/run/batchd-web");
    const char* const own = std::getenv("XDG_RUNTIME_DIR");
    if (own != nullptr) found.push_back(Path(own) / "batchd-web");
    return found;
}

/// Never readable by others, not for a moment: the link is the right to come in.
Result<void> write_secret(const Path& path, const std::string& text) {
    ::unlink(path.c_str());
    const auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!fd) return fd.error();
    if (auto written = write_all(fd->get(), text + "\n"); !written) return written;
    if (::fchmod(fd->get(), kLinkMode) != 0) return system_failure(path.string());
    return {};
}

}  // namespace

Result<LinkFile> LinkFile::write(const config::Web& settings, const std::string& link) {
    Error why = error(Errc::not_found, "there is no runtime directory");
    for (const Path& place : places()) {
        LinkFile file(place / file_name("link", settings), place / file_name("token", settings));
        auto made = ::mkdir(place.c_str(), 0750) == 0 || errno == EEXIST
                        ? write_secret(file.link_, link)
                        : Result<void>(system_failure(place.string()));
        if (made) made = write_secret(file.token_, link.substr(link.rfind('/') + 1));
        if (made) return file;
        why = made.error();
    }
    return why;
}

LinkFile::LinkFile(LinkFile&& other) noexcept
    : link_(std::exchange(other.link_, {})), token_(std::exchange(other.token_, {})) {}

LinkFile::~LinkFile() {
    for (const Path& path : {link_, token_})
        if (!path.empty()) ::unlink(path.c_str());
}

Result<std::string> read_link_file(const config::Web& settings) {
    for (const Path& place : places()) {
        auto text = read_file(place / file_name("link", settings), kLinkMax);
        if (text) {
            text->erase(std::find(text->begin(), text->end(), '\n'), text->end());
            return text;
        }
        const bool is_missing = text.error().code == boost::system::errc::no_such_file_or_directory;
        if (!is_missing) return within("read the link of the page", text.error());
    }
    return error(Errc::not_found, "no page runs that listens on " + settings.listen.front() +
                                      ": start it (systemctl enable --now batchd-web.socket batchd-web, or "
                                      "batchd web)");
}

}  // namespace batchd
