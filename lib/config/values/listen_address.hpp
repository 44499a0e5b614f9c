#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::config {

/// Where a server listens.
struct ListenAddress {
    Path path;         ///< of a Unix socket; "": an address
    std::string host;  ///< "127.0.0.1", "::1"
    std::uint16_t port = 0;

    /// Only this machine can reach it.
    bool is_local() const;

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Reads "127.0.0.1:8420", "[::1]:8420" or an absolute path of at most 107 bytes. Names of hosts are none of
/// these: they may come to mean another machine.
std::optional<ListenAddress> parse_listen(std::string_view text);

/// "127.0.0.1" and the rest of 127.0.0.0/8, "::1".
bool is_loopback_address(const std::string& host);
/// An IPv4 or IPv6 address, without brackets.
bool is_address(const std::string& host);

}  // namespace batchd::config
