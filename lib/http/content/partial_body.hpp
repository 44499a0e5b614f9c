#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace batchd::http {

/// A body of which the beginning has come, and what is needed to ask for the rest of the very same. Pure.
/// Source: RFC 9110, sections 13.1.5 and 14.
class PartialBody {
public:
    /// From the answer (200) that began it; `announced`: its Content-Length.
    PartialBody(const Response& first, std::optional<std::uint64_t> announced);

    /// Where a later answer can be proved to go on with the same body.
    bool can_go_on() const { return !etag_.empty() || total_; }
    /// The headers that ask for what follows the first `have` bytes.
    std::vector<Header> headers_after(std::uint64_t have) const;
    /// True when `answer` (206) has all that follows the first `have` bytes of this body.
    bool goes_on(const Response& answer, std::uint64_t have);
    /// Size of the whole, in bytes, where it is known.
    std::optional<std::uint64_t> total() const { return total_; }

private:
    std::string etag_;  // a strong one, or ""
    std::optional<std::uint64_t> total_;
};

}  // namespace batchd::http
