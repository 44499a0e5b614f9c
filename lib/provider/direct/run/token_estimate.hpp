#pragma once

#include <cstdint>
#include <string_view>

namespace batchd::provider::direct {

/// How many tokens a request will use, before anybody has counted them: what it brings along, by a rule of
/// thumb for text, and what it allows the answer to have (or a modest guess), since that is what services
/// reckon in advance. `url`: "/v1/chat/completions"; `body`: valid JSON, an object. What is no text, such as
/// an image in base64, counts by the piece and not by its bytes. Pure.
std::uint64_t token_estimate(std::string_view url, std::string_view body);

}  // namespace batchd::provider::direct
