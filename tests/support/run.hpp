#pragma once

#include <future>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace batchd::testing {

/// Runs one coroutine to its end and hands back what it returned or threw.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> task) {
    auto result = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
    context.restart();
    context.run();
    return result.get();
}

}  // namespace batchd::testing
