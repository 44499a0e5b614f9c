#pragma once

#include <set>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "sim/batch_store.hpp"
#include "sim/file_store.hpp"
#include "sim/ledger.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

/// What the runner works on; all of it outlives the runner.
struct RunnerParts {
    SimClock& clock;
    Settings& settings;
    FileStore& files;
    BatchStore& batches;
    Ledger& ledger;
    Path directory;  ///< for the rows of running batches
};

/// Takes batches from status to status. Nothing runs by itself: every request first calls settle(), which
/// does what the clock has made due, in the order in which it fell due. Reading and writing big files happens
/// on another thread.
class BatchRunner {
public:
    BatchRunner(boost::asio::any_io_executor executor, RunnerParts parts);

    /// The batch is to be looked after from now on; call it too when its next step has moved.
    void watch(const Batch& batch);
    boost::asio::awaitable<void> settle();
    /// Waits for the other thread.
    void stop();

private:
    /// A result file before it belongs to the account.
    struct Written {
        Path path;
        std::uint64_t size_bytes = 0;
        std::string name;
        TimePoint at{};
    };

    boost::asio::awaitable<void> take(Batch& batch, Step step);
    boost::asio::awaitable<void> start(Batch& batch, TimePoint at);
    boost::asio::awaitable<void> end(Batch& batch, TimePoint at);
    boost::asio::awaitable<void> end_cancelled(Batch& batch, TimePoint at);
    boost::asio::awaitable<void> deliver(Batch& batch, ResultsTask task);
    ResultsTask results_task(const Batch& batch, TimePoint at) const;
    void fail(Batch& batch, std::vector<LineError> errors, TimePoint at);
    std::optional<LineError> over_token_limit(const Batch& batch) const;
    /// The id, or what stands for a file without rows.
    std::optional<std::string> add_result_file(const Batch& batch, const Written& written);
    std::string add_empty_file(const Batch& batch, const char* ending, TimePoint at);
    /// With a new id, and not in the store yet.
    StoredFile result_file(const Batch& batch, const Written& written) const;
    /// Why the settings want a batch to fail.
    std::vector<LineError> ordered_failure() const;
    std::string scope_of(const Batch& batch) const;
    /// By number: an id may be longer than a file's name.
    Path file_of(const Batch& batch, const char* ending) const {
        return parts_.directory / ("batch-" + std::to_string(batch.number) + ending);
    }
    Path row_file_of(const Batch& batch) const { return file_of(batch, ".rows"); }

    RunnerParts parts_;
    boost::asio::thread_pool pool_{1};
    boost::asio::steady_timer idle_;
    bool settling_ = false;
    std::set<std::pair<TimePoint, std::uint64_t>> due_;  ///< when, and the batch's number
};

}  // namespace batchd::sim
