#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/stage/worker.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// Jobs with files of more than `above` bytes and not more than `up_to`, so many of them at once.
struct SizeLane {
    std::uint64_t above = 0;
    std::uint64_t up_to = 0;
    unsigned slots = 1;
    unsigned spare = 0;  ///< as of Worker::Options
};

/// `up_to` of the lane for the largest.
inline constexpr std::uint64_t kAnySize = std::numeric_limits<std::int64_t>::max();

/// Files that are read in a millisecond. What such a job waits for is the disk, and a disk makes many files
/// safe in the time that it takes for one: the more wait together, the more end in a second.
inline constexpr SizeLane kTinyFiles{.above = 0, .up_to = 1024 * 1024, .slots = 12};

/// A stage whose rows are jobs: a worker for each lane, so that a file of gigabytes holds up no small one,
/// and ten thousand small ones hold up no large one.
class SizedWorkers {
public:
    struct Stage {
        /// Ids of jobs of that lane in the stage's states, the oldest first.
        std::function<Result<std::vector<store::JobId>>(const SizeLane& lane, std::size_t count_max)> find;
        std::function<boost::asio::awaitable<Progress>(std::int64_t id)> work;  ///< as of Worker::Stage
        std::function<void(std::int64_t id, const std::string& why)> say;       ///< likewise
    };

    /// `wake` wakes all of them; it outlives them, as `clock` does. The lanes leave no size out.
    SizedWorkers(Clock& clock, Wake& wake, const Backoff& backoff, std::span<const SizeLane> lanes,
                 const Stage& stage);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// Something has changed for this job, whose file has so many bytes: see Worker::take_up().
    void take_up(store::JobId job, std::uint64_t size_bytes);
    /// What the jobs of all lanes wait for.
    Waits waits() const;

private:
    struct Lane {
        Lane(Clock& clock, const boost::asio::any_io_executor& executor, const SizeLane& of,
             const Backoff& backoff, const Stage& stage);

        SizeLane size;
        Wake wake;
        Worker worker;
    };

    boost::asio::awaitable<void> pass_wakes_on();

    Wake& wake_;
    std::deque<Lane> lanes_;  // never moved: each worker refers to the wake beside it
};

}  // namespace batchd::engine
