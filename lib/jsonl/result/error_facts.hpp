#pragma once

#include <cstdint>
#include <string_view>

#include <simdjson.h>

/// What the errors of rows and bodies say, in the forms in which providers write them. For the sources of
/// this folder.
namespace batchd::jsonl {

/// What an error says; one that says nothing ({}, [], "", a code of "") is none.
struct ErrorFacts {
    bool said = false;
    std::string_view code{};
    std::string_view type{};
    std::string_view message{};
    std::string_view param{};

    // Some services have only a type, and some write both.
    std::string_view name() const { return code.empty() ? type : code; }
};

/// Timeouts, conflicts, limits and faults of the server: what may go better next time. Source: RFC 9110, 15;
/// RFC 6585; RFC 8470.
bool is_retryable(std::uint64_t status_code);

/// A code that names a fault of the server's at the time, not of the request. A number is a status, also one
/// that its words follow: "429 Too Many Requests".
bool names_passing_fault(std::string_view code);

/// Reads an error: an object, a list of which the first that says anything counts, a text, or a bare status.
simdjson::error_code read_error(simdjson::ondemand::value error, ErrorFacts& facts);

}  // namespace batchd::jsonl
