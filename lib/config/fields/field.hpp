#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "config/values/value.hpp"

namespace batchd::config {

/// One thing wrong with a key's value.
struct Complaint {
    std::string key;    ///< within its table: "metadata", or "metadata.team" for a member that is wrong
    std::string what;   ///< `is "30": must be a duration …`
    std::string where;  ///< the place of the value
};

/// One key of a table of the configuration: of Spool, Provider, Queue …
template <class Table>
struct Field {
    std::string_view name;  ///< "inbox"
    std::string expects;    ///< what would be right: "an absolute path, such as …"
    /// Puts the value into the table where it is right, and says what is wrong where it is not.
    std::function<std::vector<Complaint>(const Value&, Table&)> read;
    /// The value as TOML; nothing for a key that is not set and has no default.
    std::function<std::optional<std::string>(const Table&)> print;
    /// The key that counts where this one is silent: "batch.model"; "" where there is none.
    std::string_view inherits{};
};

template <class Table>
using Fields = std::vector<Field<Table>>;

/// Those of each table, in the order of the reference file. They are made once and live as long as the
/// program.
const Fields<Spool>& spool_fields();
const Fields<State>& state_fields();
const Fields<Provider>& provider_fields();
const Fields<Batch>& batch_fields();
const Fields<Queue>& queue_fields();
const Fields<Poll>& poll_fields();
const Fields<Retry>& retry_fields();
const Fields<Prices>& prices_fields();
const Fields<Control>& control_fields();
const Fields<Notify>& notify_fields();
const Fields<NotifyTarget>& notify_target_fields();
const Fields<Web>& web_fields();
const Fields<Metrics>& metrics_fields();
const Fields<Logging>& log_fields();

}  // namespace batchd::config
