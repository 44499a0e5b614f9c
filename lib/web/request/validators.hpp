#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "server/message.hpp"

/// By which a client knows a file again. Pure. Source: RFC 9110, 8.8 and 13.1.
namespace batchd::web {

struct Validators {
    std::string etag;           ///< with its quotes; another one whenever file, size or time of change differ
    std::string last_modified;  ///< "Fri, 27 Nov 2026 12:00:00 GMT"
};
Validators validators_of(const struct stat& status);
/// Of something that is made of bytes of its own and of those of files, in that order.
Validators validators_of(std::string_view own, const std::vector<struct stat>& files);

/// The header Range, unless If-Range says that the client has a part of another file; then "".
std::string_view wanted_range(const server::RequestHead& head, const Validators& file);
/// If-None-Match says that the client has all of it.
bool has_it(const server::RequestHead& head, const Validators& file);

}  // namespace batchd::web
