#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/ports.hpp"
#include "engine/stage/worker.hpp"

namespace batchd::engine {

/// Removes what ended jobs of an account no longer need: their work directory and, with `delete_files`, their
/// files at the provider.
class Cleaner {
public:
    explicit Cleaner(AccountPorts& ports);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    boost::asio::awaitable<Progress> clean(std::int64_t id);
    Result<void> leave_to_others(const store::Job& job);
    boost::asio::awaitable<Progress> delete_remote_files(const store::Job& job);

    AccountPorts& ports_;
    Worker worker_;
};

}  // namespace batchd::engine
