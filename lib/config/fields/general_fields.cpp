#include "config/fields/composed.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

// Whoever wants to keep for longer leaves the key out.
constexpr Millis kCentury = std::chrono::hours(100 * 365 * 24);
constexpr std::array kLogLevels{
    Word<LogLevel>{"debug", LogLevel::debug}, Word<LogLevel>{"info", LogLevel::info},
    Word<LogLevel>{"warning", LogLevel::warning}, Word<LogLevel>{"error", LogLevel::error}};

/// A path that fits the address of a Unix socket. Source: unix(7), sun_path with its final 0.
Field<Control> socket_field() {
    constexpr std::size_t kSocketBytesMax = 107;
    Field<Control> field = path_field<Control>("socket", AT(socket));
    field.expects = "an absolute path of at most 107 bytes, as long as a socket's name may be";
    field.read = [read = field.read, expects = field.expects](const Value& value, Control& control) {
        // A copy is read into, so that a path that is too long changes nothing.
        Control changed = control;
        std::vector<Complaint> complaints = read(value, changed);
        if (!complaints.empty() || changed.socket.string().size() > kSocketBytesMax)
            return std::vector<Complaint>{
                {"socket", "is " + describe(value) + ": must be " + expects, value.where}};
        control = std::move(changed);
        return std::vector<Complaint>();
    };
    return field;
}

}  // namespace

const Fields<Spool>& spool_fields() {
    static const Fields<Spool> fields{
        path_field<Spool>("inbox", AT(inbox)),
        path_field<Spool>("outbox", AT(outbox)),
        path_field<Spool>("rejected", AT(rejected)),
        // Each round looks at every file of the inbox; a shorter one would leave time for nothing else.
        duration_field<Spool>("scan_interval", AT(scan_interval), 100ms, 1h),
        duration_field<Spool>("settle_time", AT(settle_time), 0ms, 1h),
        duration_field<Spool>("empty_wait", AT(empty_wait), 0ms, 1h),
        choice_field<Spool>("on_invalid_line", AT(on_invalid_line), kOnInvalidLineWords),
    };
    return fields;
}

const Fields<State>& state_fields() {
    static const Fields<State> fields{
        path_field<State>("directory", AT(directory)),
        duration_field<State>("keep", AT(keep), 1s, kCentury),
    };
    return fields;
}

const Fields<Poll>& poll_fields() {
    // The lower end is for tests and for servers of one's own.
    static const Fields<Poll> fields{duration_field<Poll>("interval", AT(interval), 100ms, 24h)};
    return fields;
}

const Fields<Retry>& retry_fields() {
    static const Fields<Retry> fields{
        count_field<Retry>("row_attempts", AT(row_attempts), 1, 20),
        duration_field<Retry>("min_backoff", AT(min_backoff), 1ms, 24h),
        duration_field<Retry>("max_backoff", AT(max_backoff), 1ms, 24h),
        duration_field<Retry>("result_patience", AT(result_patience), 0ms, 30 * 24h),
        duration_field<Retry>("cancel_patience", AT(cancel_patience), 0ms, 30 * 24h),
    };
    return fields;
}

const Fields<Prices>& prices_fields() {
    static const Fields<Prices> fields{
        path_field<Prices>("file", AT(file)),
        composed_field<Prices>({"models", "a table of models, each a table of prices"}, AT(models),
                               read_prices, print_prices),
    };
    return fields;
}

const Fields<Control>& control_fields() {
    static const Fields<Control> fields{
        socket_field(),
        text_field<Control>(
            {"group", "the name of a Unix group"}, AT(group),
            [](const std::string& name) { return name.size() <= 256 && is_header_word(name); }),
    };
    return fields;
}

const Fields<Metrics>& metrics_fields() {
    static const Fields<Metrics> fields{path_field<Metrics>("textfile", AT(textfile))};
    return fields;
}

const Fields<Logging>& log_fields() {
    static const Fields<Logging> fields{choice_field<Logging>("level", AT(level), kLogLevels)};
    return fields;
}

}  // namespace batchd::config
