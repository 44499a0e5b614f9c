#pragma once

#include <exception>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/errc.hpp>

#include "base/disk/file.hpp"
#include "base/result.hpp"

namespace batchd::engine {

/// The text of a file of ours. Errors: errno; not_found when it is not there; too_large.
inline Result<std::string> read_own_file(const Path& path, std::size_t size_max) {
    auto text = read_file(path, size_max);
    if (!text && text.error().code == boost::system::errc::no_such_file_or_directory)
        return error(Errc::not_found, path.string());
    return text;
}

/// Reads a JSON file of ours with `of`, which takes the value and throws where it is not as it was written.
/// Errors: as read_own_file(); corrupt when it can't be parsed, or `of` throws.
template <class Of>
auto read_json_file(const Path& path, std::size_t size_max, Of of)
    -> Result<decltype(of(std::declval<const boost::json::value&>()))> {
    const auto text = read_own_file(path, size_max);
    if (!text) return text.error();
    try {
        return of(boost::json::parse(*text));
    } catch (const std::exception& wrong) {
        return error(Errc::corrupt, path.string() + " is not as batchd writes it: " + wrong.what());
    }
}

}  // namespace batchd::engine
