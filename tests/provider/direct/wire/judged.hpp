#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "provider/direct/wire/verdict.hpp"

namespace batchd::provider::direct {

inline constexpr const char* kChat = "/v1/chat/completions";
inline constexpr auto kNotLetIn = Meaning::not_let_in;

/// What an answer to a request comes to, at the beginning of time.
inline Verdict judged(unsigned status, std::string body, std::string_view url = kChat,
                      std::vector<http::Header> headers = {}) {
    static ShapeReader shapes;
    http::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return judge_answer(response, url, shapes, TimePoint{});
}

}  // namespace batchd::provider::direct
