#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/result.hpp"
#include "sim/line_error.hpp"
#include "sim/row_rule.hpp"

namespace batchd::sim {

/// Everything about the simulation that a test may want different. Each member is a key of `POST
/// /admin/settings` and, with `-` for `_`, an option of the command line. A change holds for what happens
/// after it.
struct Settings {
    // The schedule: how long a batch stays in each status, in seconds. A batch keeps the values it was
    // created under.
    double validating = 0;
    double in_progress = 0;
    double finalizing = 0;
    double cancelling = 0;
    std::set<std::uint64_t>
        expire_batch;  ///< which batches run into expiry, counted from 1 in order of creation
    std::string expire_at =
        "in_progress";         ///< when those do: at the end of "in_progress", or of the "window" of 24 h
    double expire_done = 0.5;  ///< share of the rows that an expired batch has finished
    bool window_ends = true;   ///< false: a batch whose work is not done by its deadline goes on
    std::string cancel_keeps =
        "both";  ///< files of a batch cancelled while running: "both", "errors" or "none"

    // Rows. Rates are shares of 1; the transient ones are drawn for each custom_id and batch, so that a retry
    // may succeed.
    std::uint64_t seed = 1;
    double fail_rate = 0;                ///< transient: 429, 500 and 503
    double permanent_rate = 0;           ///< 400, drawn for the custom_id alone: a retry fails again
    double timeout_rate = 0;             ///< error code request_timeout
    double status_zero_rate = 0;         ///< status_code 0, counted as completed
    double missing_rate = 0;             ///< in neither file
    double twice_rate = 0;               ///< twice in its file
    std::vector<RowRule> rows;           ///< go before the rates
    std::uint64_t answer_bytes = 0;      ///< pad each answer's text to at least this size
    bool shuffle = true;                 ///< rows of a result file in another order than the input's
    bool errors_in_output = false;       ///< 4xx and 5xx rows in the output file
    std::set<std::uint64_t> fail_batch;  ///< which batches fail in validation, counted from 1, with …
    std::vector<LineError> fail_errors;  ///< … these errors; none: server_error
    std::string failed_files = "none";   ///< what a failed batch bears: "none", or the ids of "empty" files
    std::string error_lines =
        "field";               ///< where errors of validation name the line: "field", "message", "none"
    bool unknown_row = false;  ///< one row with a custom_id that nobody sent
    bool blank_line = false;   ///< a blank line in each result file
    bool final_newline = true;
    std::string absent_file =
        "null";  ///< the id of a file without rows: "null", "" or "empty_file" (of zero bytes)

    // What the service refuses.
    std::uint64_t file_bytes_max = 209715200;
    std::uint64_t rows_max = 50000;
    std::string validation_errors = "all";   ///< an entry for each bad line, or for the "first"
    std::set<std::string> unknown_models;    ///< answered with model_not_found
    std::set<std::string> forbidden_models;  ///< a create with such a first line: 403 in plain text
    std::string missing_file =
        "failed";  ///< batch of a file that is not there: "failed" later, or "400" at once
    std::map<std::string, std::uint64_t>
        token_limits;                           ///< model: enqueued tokens (bytes / 4) of unfinished batches
    std::string token_limit_answer = "failed";  ///< "failed" batch, or "400" or "429" at create
    /// Creates of an account beyond these in an hour are refused with 429; 0: none. What OpenAI's refusal
    /// looks like is not known: it is in the words of its other limits.
    std::uint64_t batches_per_hour = 0;
    std::string batches_wait = "none";  ///< how it names its wait: not at all, or in "retry-after"
    std::set<std::string> cancel_refused = {"completed", "failed", "expired",
                                            "finalizing"};  ///< 409 in these

    // Listings and downloads.
    double list_lag = 0;                 ///< seconds until a new file or batch shows up in listings
    std::string list_ties = "exact";     ///< "skip" or "repeat" a row that shares created_at with the cursor
    std::string list_order = "newest";   ///< what comes first: "newest", "oldest"; or "shuffled"
    std::string list_metadata = "keep";  ///< or "drop", or "drop_all": the input file as well
    std::uint64_t batch_id_length = 0;   ///< characters; 0: as the service makes them
    std::uint64_t file_id_length = 0;    ///< likewise, of uploads
    std::uint64_t result_file_id_length = 0;  ///< likewise, of result files
    std::set<std::uint64_t> twin_batch;       ///< of which batches a gateway makes a second one by itself
    bool ranges = false;                      ///< Range and If-Range of /content

    // Services that speak like OpenAI in a way of their own. presets() has some of them.
    std::string base_path = "/v1";            ///< before /files and /batches
    std::string auth = "bearer";              ///< where the key is looked for: "bearer", "api-key", "either"
    std::string required_query;               ///< a parameter without which there is nothing to be found
    std::string texts = "openai";             ///< whose words refusals are in: "openai", "azure"
    std::string ids = "openai";               ///< whose ids look like that: "openai", "azure"
    std::set<std::string> create_endpoints;   ///< that a create may name; none: OpenAI's
    std::set<std::string> line_urls;          ///< that lines may have; none: the create's endpoint
    std::set<std::string> windows = {"24h"};  ///< that a create may name
    double processing = 0;                    ///< seconds until an upload can be used
    bool single_files = true;                 ///< false: there is no GET /files/ID
    std::uint64_t file_expiry_min = 3600;     ///< the least `expires_after` of an upload
    std::string metadata = "keep";            ///< or "refuse"; or "drop"
    std::set<std::string> no_lists;           ///< "batches", "files": there is no such listing
    std::string list_field = "data";          ///< where a listing has its items
    std::string answer_field;                 ///< where a create's answer has its batch; "": it is it
    std::uint64_t create_status = 200;        ///< 200, 201 or 202
    bool create_endpoint_shown = true;        ///< false: null in the answer of a create
    std::string failure_time = "failed_at";   ///< when a batch failed: in this, or in "completed_at"
    std::map<std::string, std::string> status_words;  ///< OpenAI's word: the service's own

    // The endpoints that answer at once. A request goes by its question: `match` of a row rule is about that.
    double direct_seconds = 0;                     ///< an answer takes from once to twice as long
    std::uint64_t direct_at_once = 0;              ///< requests beyond these are refused; 0: none
    std::uint64_t direct_busy = 503;               ///< with this status: 429, 498, 503, 529
    double direct_busy_seconds = 1;                ///< what such a refusal asks to wait
    std::uint64_t direct_requests_per_minute = 0;  ///< 0: any number; told in headers of each answer
    std::string direct_wait = "retry-after";  ///< how a refusal names its wait: or "retry-after-ms", "text"
    bool direct_loading = false;              ///< 503 Loading model

    std::string ledger_scope =
        "batchd_job";  ///< metadata key that tells equal custom_ids of different jobs apart
    /// A request goes by its question also in batches: it is the same one under whatever id it comes.
    bool known_by_text = false;
};

/// Sets the settings named in `changes`, all or none; `like` comes before all others. Errors: bad_input, with
/// the key and what would be right.
Result<void> apply(Settings& settings, const boost::json::object& changes);

/// Names of services, and how they differ from the standard settings; the key "like" of apply() takes one.
const std::map<std::string, boost::json::object>& presets();

/// Whether `name` is a setting, or "like".
bool is_setting(std::string_view name);

/// All settings as the object that apply() takes.
boost::json::object to_json(const Settings& settings);

/// Whether `text` matches `glob`, in which `*` stands for any run of characters.
bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace batchd::sim
