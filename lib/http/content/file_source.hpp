#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "base/disk/fd.hpp"
#include "http/connection.hpp"
#include "http/content/multipart.hpp"
#include "http/message.hpp"

namespace batchd::http {

/// For .cpp files of this directory only: a form on its way out, its file opened and measured once.
struct FileSource {
    UniqueFd fd;
    std::uint64_t size = 0;  ///< of the file, in bytes
    Multipart frame;
    std::uint64_t body_size() const { return frame.prologue.size() + size + frame.epilogue.size(); }
};

/// Errors: errno; bad_input for what is no regular file.
Result<FileSource> open_file_source(const Form& form);

/// Sends the whole body. Errors: phase sent where the connection fails, local where the file does.
boost::asio::awaitable<Outcome<void>> send_file(Connection& connection, const FileSource& source);

}  // namespace batchd::http
