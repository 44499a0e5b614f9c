#pragma once

#include <string_view>

#include "server/message.hpp"

namespace batchd::server {

/// {"error": {"code", "message"}}: what every refusal looks like. `code` is a word for programs. `message` is
/// for people, and says what would be right.
Answer error_answer(unsigned status, std::string_view code, std::string_view message);

}  // namespace batchd::server
