#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "server/exchange.hpp"

namespace batchd::web {

/// The body of a request in large pieces: a read brings what a packet has, and each piece goes through
/// another thread to the disk. The exchange outlives it.
class BodyReader {
public:
    explicit BodyReader(server::Exchange& exchange);

    /// The next piece, empty at the end, read while `meanwhile` does what there is to do with the last one:
    /// the disk and the client do not wait for each other. A piece stays until the next call but one. Errors:
    /// as Exchange::read_some().
    boost::asio::awaitable<Result<std::string_view>> next(boost::asio::awaitable<void> meanwhile);

private:
    /// Less than there is room for comes at the end only.
    boost::asio::awaitable<void> fill(std::span<char> piece, Result<std::size_t>& filled);

    server::Exchange& exchange_;
    std::array<std::vector<char>, 2> pieces_;
    std::size_t turn_ = 0;
};

}  // namespace batchd::web
