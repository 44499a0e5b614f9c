#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <boost/asio/awaitable.hpp>

#include "http/connection.hpp"
#include "http/message.hpp"

namespace batchd::http {

/// Reads one answer from a connection: first the header through Beast's parser, then the body, by the
/// shortest way that its framing allows. The connection must outlive it. Source: RFC 9112, sections 6 and 7.
class AnswerReader {
public:
    explicit AnswerReader(Connection& connection);
    ~AnswerReader();

    /// Status and headers. Interim answers (1xx) are passed over.
    /// Errors: the connection's; end_of_stream when it ends first; protocol for what isn't HTTP; 64 KiB at
    /// most.
    boost::asio::awaitable<Result<Response>> read_header();

    /// More of the body, after read_header(); 0 is its end, as it was announced.
    /// Errors: the connection's; protocol when the body is shorter or longer than announced, or badly
    /// chunked.
    boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into);

    /// What Content-Length announced.
    std::optional<std::uint64_t> announced_bytes() const;
    /// Not one byte of an answer has come.
    bool is_untouched() const;
    /// The answer has been read to its end, and another may follow on the connection.
    bool is_connection_reusable() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::http
