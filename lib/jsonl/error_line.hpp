#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::jsonl {

/// Why a request has no answer, as it is told in errors.jsonl.
struct LineError {
    std::string code;  ///< for scripts: "no_answer", "invalid_line", or what the provider's validation gave
    std::string message;                  ///< for people
    std::string param{};                  ///< "" where it is about no single key
    std::optional<std::uint64_t> line{};  ///< of the input, 1-based
};

/// A line of ours for errors.jsonl, without its LF, in the shape of the provider's:
/// `{"id":null,"custom_id":…,"response":null,"error":{"code":…,"message":…[,"param":…][,"line":N]}}`. The
/// custom_id is null where it is nothing. Bytes that are not UTF-8 are written as \xNN.
std::string error_line(std::optional<std::string_view> custom_id, const LineError& error);

}  // namespace batchd::jsonl
