#pragma once

#include <span>
#include <string_view>

#include "server/message.hpp"

namespace batchd::web {

/// A file that is compiled in.
struct EmbeddedFile {
    std::span<const unsigned char> plain;
    std::span<const unsigned char> gzip;
    std::string_view digest;  ///< SHA-256 of the plain bytes, hexadecimal
};

/// The answer for "/assets/NAME": the file, or 304 where the browser has it, or 404.
server::Answer asset_answer(const server::RequestHead& head);

}  // namespace batchd::web
