#pragma once

#include <string>

#include "base/disk/file.hpp"
#include "config/settings.hpp"

namespace batchd {

/// The link to a page that runs, and its token alone for programs, in two files for its group, which go with
/// this object.
class LinkFile {
public:
    /// In $RUNTIME_DIRECTORY, as systemd sets it; else in /run/batchd-web or $XDG_RUNTIME_DIR/batchd-web.
    /// Errors: errno, where it can be in none of them; the page works without.
    static Result<LinkFile> write(const config::Web& settings, const std::string& link);

    LinkFile(LinkFile&& other) noexcept;
    LinkFile& operator=(LinkFile&&) = delete;
    ~LinkFile();

private:
    LinkFile(Path link, Path token) : link_(std::move(link)), token_(std::move(token)) {}

    Path link_, token_;  // "": they are another's by now
};

/// What write() has written. Errors: not_found, with what to do; errno.
Result<std::string> read_link_file(const config::Web& settings);

}  // namespace batchd
