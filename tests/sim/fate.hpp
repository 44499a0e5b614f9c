#pragma once

#include <cstdint>
#include <string_view>

#include "sim/input_row.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// What becomes of one row of a batch that ran.
struct Fate {
    enum class Kind {
        answered,     ///< with `status`: 2xx goes to the output file, the rest to the error file
        timeout,      ///< error code request_timeout
        status_zero,  ///< executed but lost: status_code 0, counted as completed
        missing,      ///< answered, and in neither file
        expired,      ///< error code batch_expired
        cancelled,    ///< error code batch_cancelled
    };
    Kind kind = Kind::answered;
    unsigned status = 200;
    bool twice = false;
    bool in_output = true;          ///< the file it goes to: output or error file
    const RowRule* rule = nullptr;  ///< what made it so, and may change its line; of the settings
    bool answered_nothing = false;  ///< the rule takes the response away
};

/// Whether the row did not run to an answer, so that a client may send it again without paying twice for it.
bool is_retryable(const Fate& fate);

/// Whether the batch's counters show it as completed.
bool counts_as_completed(const Fate& fate);

/// Draws the fate of a row that the batch got to. `run`: how often the row has run, this time included.
Fate draw_fate(const Settings& settings, const InputRow& row, std::string_view batch_id, std::uint64_t run);

/// The fate of a row that the batch did not get to: Kind::expired or Kind::cancelled.
Fate unreached(Fate::Kind kind);

}  // namespace batchd::sim
