#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/batch.hpp"
#include "sim/results.hpp"

namespace batchd::sim {

/// Whether a report names each custom_id.
enum class RowDetail { leave_out, include };

/// The record of what clients have done, and the judge of what they never may: it says what was paid for
/// twice. A row that was answered is paid, whatever the client was told about it, and so is one whose batch
/// runs; a row that its batch never got to, and one that failed for want of capacity, is not.
class Ledger {
public:
    struct Traffic {
        std::uint64_t connections = 0, connections_max = 0, connections_total = 0;
        std::uint64_t bytes_up = 0, bytes_down = 0;
        std::uint64_t files_uploaded = 0, files_deleted = 0, files_downloaded = 0, cancels = 0;
    };
    Traffic traffic;

    void request(const std::string& route) { ++requests_[route]; }
    void connection_opened();
    void connection_closed() { --traffic.connections; }

    /// `earlier`: the batches made from the same file before, which must all have failed where it can be
    /// seen.
    void batch_created(const Batch& batch, const std::vector<const Batch*>& earlier);
    /// The rows of `batch` begin to run. `scope` tells equal custom_ids of different jobs apart.
    void rows_started(const Batch& batch, const std::string& scope,
                      const std::vector<std::string>& custom_ids);
    void rows_ended(const Batch& batch, const std::string& scope, const std::vector<RowEnd>& ends);
    /// How often each row of the scope has run.
    std::unordered_map<std::string, std::uint64_t> runs_in(const std::string& scope) const;

    boost::json::object report(RowDetail detail) const;

private:
    struct Row {
        std::uint32_t runs = 0;
        std::uint32_t running = 0, settled = 0;  ///< the runs that are paid
        std::uint32_t paid() const { return running + settled; }
    };
    using Rows = std::unordered_map<std::string, Row>;
    /// A row began to run although it was paid already. It is paid twice unless one of the two runs comes to
    /// nothing.
    struct Repetition {
        std::string scope, custom_id, batch_id;
        bool was_running = false;
        bool came_to_nothing = false;
    };

    void came_to_nothing(const Batch& batch, const std::string& scope, const std::string& custom_id);
    /// A sentence for each run of a row behind its first paid one.
    std::vector<std::string> paid_again() const;

    std::map<std::string, std::uint64_t> requests_;
    std::map<std::string, std::uint64_t> creates_by_file_, creates_by_key_;
    std::map<std::string, Rows> scopes_;
    std::vector<Repetition> repetitions_;
    std::vector<std::string> second_creates_;  ///< a sentence each
};

}  // namespace batchd::sim
