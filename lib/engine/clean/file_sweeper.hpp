#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/ports.hpp"
#include "engine/stage/worker.hpp"

namespace batchd::engine {

/// Deletes uploads at the provider that nothing uses any more (the table `unused_files`): of batches that
/// were refused and made anew, and such whose answer was lost.
class FileSweeper {
public:
    explicit FileSweeper(AccountPorts& ports);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    boost::asio::awaitable<Progress> sweep(std::int64_t row);

    AccountPorts& ports_;
    Worker worker_;
};

/// Takes note of the uploads of an ended job that turned up beside those on record, because they were made
/// again. Lists the provider's files, if there was such a repetition at all.
boost::asio::awaitable<Progress> note_second_uploads(AccountPorts& ports, store::Job job);

}  // namespace batchd::engine
