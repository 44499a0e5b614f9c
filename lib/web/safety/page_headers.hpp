#pragma once

#include <string>
#include <string_view>

#include "server/message.hpp"
#include "web/html/html.hpp"

/// Answers with what keeps a browser on our side: nothing from elsewhere, no frames, no guessing of types.
namespace batchd::web {

server::Answer html_answer(unsigned status, const Html& page);
server::Answer json_answer(unsigned status, std::string body);
/// To another page of ours. `location` is a path that we have made.
server::Answer redirect(std::string location);

/// What every answer has.
void add_safe_headers(server::AnswerHead& head);

}  // namespace batchd::web
