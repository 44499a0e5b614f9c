#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "store/query/counts.hpp"

namespace batchd {

/// The daemon's figures in metrics.textfile, for the node exporter's textfile collector. The file goes with
/// the daemon: one that stays behind would say that it runs.
class MetricsFile {
public:
    /// All of it must outlive this object.
    MetricsFile(boost::asio::any_io_executor executor, const config::Settings& settings, Clock& clock,
                boost::asio::thread_pool& pool, engine::Journal& journal)
        : settings_(settings), clock_(clock), pool_(pool), journal_(journal), wake_(std::move(executor)) {}
    MetricsFile(const MetricsFile&) = delete;
    MetricsFile& operator=(const MetricsFile&) = delete;
    ~MetricsFile();

    /// Writes it every 15 seconds, for as long as there is one in the settings, until cancelled. Where that
    /// can't be done, it is said once.
    boost::asio::awaitable<void> run();
    /// The settings are others now: there may be a file, or another one.
    void take_over() { wake_.raise(); }

private:
    /// As a whole or not at all, for the exporter may read it at any moment. Errors: errno, those of the
    /// state.
    Result<void> write(const Path& path, const config::Settings& settings);
    /// Removes the file that was written last.
    void forget();

    const config::Settings& settings_;
    Clock& clock_;
    boost::asio::thread_pool& pool_;
    engine::Journal& journal_;
    Wake wake_;
    std::unique_ptr<store::Store> store_;  // a connection of its own, which only reads; in the pool only
    store::Counting counting_;
    Path written_;
    std::string complaint_;
};

}  // namespace batchd
