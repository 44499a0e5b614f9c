#include "config/keys/keys.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "config/keys/base_url.hpp"
#include "config/keys/table_keys.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

/// Where a key is stored: `[](auto& s) -> auto& { return s.spool.inbox; }`, for const settings and others.
/// Convert: const Value& to optional<T>, nothing when it is wrong. Format: const T& to optional<string>.
template <class Where, class Convert, class Format>
Key make_key(std::string_view name, Where where, std::string expects, Convert convert, Format format) {
    Key key{name, expects, {}, {}};
    key.read = [=](const Value& value, Settings& settings) -> std::vector<Complaint> {
        auto converted = convert(value);
        if (!converted)
            return {{std::string(name), "is " + describe(value) + ": must be " + expects, value.line}};
        where(settings) = std::move(*converted);
        return {};
    };
    key.print = [=](const Settings& settings) { return format(where(settings)); };
    return key;
}

const std::string* as_text(const Value& value) {
    return std::get_if<std::string>(&value.content);
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::optional<std::string> print_text(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(toml_string(text));
}

std::optional<std::string> print_duration(const std::optional<Millis>& duration) {
    return duration ? std::optional(toml_string(format_duration(*duration))) : std::nullopt;
}

std::optional<std::string> print_path(const std::optional<Path>& path) {
    return path ? std::optional(toml_string(path->string())) : std::nullopt;
}

template <class Where>
Key path(std::string_view name, Where where) {
    const auto convert = [](const Value& value) -> std::optional<Path> {
        const std::string* const text = as_text(value);
        if (text == nullptr || !text->starts_with('/') || has_control_characters(*text)) return std::nullopt;
        Path normal = Path(*text).lexically_normal();
        return normal.has_filename() ? normal : normal.parent_path();  // "/a/b/" is "/a/b"
    };
    return make_key(name, where, "an absolute path: one that begins with \"/\"", convert, print_path);
}

/// A path that fits the address of a Unix socket. Source: unix(7), sun_path with its final 0.
template <class Where>
Key socket_path(std::string_view name, Where where) {
    Key key = path(name, where);
    key.expects = "an absolute path of at most 107 bytes, as long as a socket's name may be";
    key.read = [=, read = key.read, expects = key.expects](const Value& value,
                                                            Settings& settings) -> std::vector<Complaint> {
        Settings changed = settings;
        auto complaints = read(value, changed);
        if (!complaints.empty() || where(changed).string().size() > 107)
            return {{std::string(name), "is " + describe(value) + ": must be " + expects, value.line}};
        settings = std::move(changed);
        return {};
    };
    return key;
}

template <class Where>
Key duration(std::string_view name, Where where, Millis min, Millis max) {
    const auto convert = [=](const Value& value) -> std::optional<Millis> {
        const std::string* const text = as_text(value);
        const auto parsed = text == nullptr ? std::nullopt : parse_duration(*text);
        return parsed && *parsed >= min && *parsed <= max ? parsed : std::nullopt;
    };
    const std::string range = "from " + format_duration(min) + " to " + format_duration(max);
    return make_key(name, where, "a duration " + range + ", such as \"500ms\", \"60s\", \"45m\" or \"24h\"",
                    convert, print_duration);
}

template <class Where>
Key count(std::string_view name, Where where, std::int64_t min, std::int64_t max) {
    using Number = std::remove_cvref_t<decltype(where(std::declval<Settings&>()))>;
    const auto convert = [=](const Value& value) -> std::optional<Number> {
        const auto* const number = std::get_if<std::int64_t>(&value.content);
        if (number == nullptr || *number < min || *number > max) return std::nullopt;
        return static_cast<Number>(*number);
    };
    const auto format = [](const Number& number) { return std::optional(std::to_string(number)); };
    const std::string range = std::to_string(min) + " to " + std::to_string(max);
    return make_key(name, where, "a whole number from " + range, convert, format);
}

template <class Where>
Key size(std::string_view name, Where where, std::uint64_t max_bytes) {
    const auto convert = [=](const Value& value) -> std::optional<std::uint64_t> {
        std::optional<std::uint64_t> bytes;
        if (const auto* const number = std::get_if<std::int64_t>(&value.content);
            number != nullptr && *number > 0)
            bytes = static_cast<std::uint64_t>(*number);
        if (const std::string* const text = as_text(value)) bytes = parse_size(*text);
        return bytes && *bytes >= 1 && *bytes <= max_bytes ? bytes : std::nullopt;
    };
    const auto format = [](const std::optional<std::uint64_t>& bytes) {
        return bytes ? std::optional(toml_string(format_size(*bytes))) : std::nullopt;
    };
    const std::string range = "from 1 to " + std::to_string(max_bytes) + " bytes";
    return make_key(name, where, "a size " + range + ", such as \"200MB\", \"64MiB\" or a number of bytes",
                    convert, format);
}

template <class Where>
Key flag(std::string_view name, Where where) {
    const auto convert = [](const Value& value) -> std::optional<bool> {
        const bool* const flag = std::get_if<bool>(&value.content);
        return flag == nullptr ? std::nullopt : std::optional(*flag);
    };
    const auto format = [](bool value) -> std::optional<std::string> { return value ? "true" : "false"; };
    return make_key(name, where, "true or false, without quotes", convert, format);
}

/// A string for which `fits` is true.
template <class Where, class Fits>
Key text(std::string_view name, Where where, std::string expects, Fits fits) {
    const auto convert = [=](const Value& value) -> std::optional<std::string> {
        const std::string* const text = as_text(value);
        return text != nullptr && !has_control_characters(*text) && fits(*text) ? std::optional(*text)
                                                                                : std::nullopt;
    };
    return make_key(name, where, std::move(expects), convert, print_text);
}

/// "none", and nothing that is a key: this file is shown to people.
template <class Where>
Key no_api_key(std::string_view name, Where where) {
    Key key =
        text(name, where,
             "\"none\", for a server without keys: a key itself belongs into a file of its own, named by "
             "provider.api_key_file, or into the systemd credential api_key",
             [](const std::string& word) { return word.empty() || word == "none"; });
    key.read = [read = key.read](const Value& value, Settings& settings) {
        std::vector<Complaint> complaints = read(value, settings);
        for (Complaint& complaint : complaints)
            complaint.what = "is something else, not shown here" +
                             complaint.what.substr(complaint.what.rfind(": must be "));
        return complaints;
    };
    return key;
}

template <class Enum>
struct Word {
    std::string_view word;
    Enum value;
};

template <class Where, class Enum, std::size_t N>
Key choice(std::string_view name, Where where, const std::array<Word<Enum>, N>& words) {
    const auto convert = [=](const Value& value) -> std::optional<Enum> {
        const std::string* const text = as_text(value);
        for (const auto& word : words)
            if (text != nullptr && *text == word.word) return word.value;
        return std::nullopt;
    };
    const auto format = [=](Enum value) -> std::optional<std::string> {
        for (const auto& word : words)
            if (word.value == value) return toml_string(word.word);
        return std::nullopt;
    };
    std::string expects;
    for (const auto& word : words) expects += (expects.empty() ? "" : " or ") + toml_string(word.word);
    return make_key(name, where, expects, convert, format);
}

template <class Where>
Key base_url(std::string_view name, Where where) {
    const auto convert = [](const Value& value) -> std::optional<std::string> {
        const std::string* const text = as_text(value);
        return text == nullptr ? std::nullopt : normalize_base_url(*text);
    };
    return make_key(
        name, where,
        "an https:// address without user, query or fragment, such as \"https://api.openai.com/v1\" "
        "(http:// only for localhost, 127.0.0.1 and [::1]: the API key must not cross a network in the "
        "clear)",
        convert, print_text);
}

/// What may stand in an HTTP header as one word.
bool is_header_word(std::string_view word) {
    return word.size() <= 256 &&
           std::all_of(word.begin(), word.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_endpoint(std::string_view path) {
    return path.starts_with('/') && !path.starts_with("//") && is_header_word(path);
}

constexpr std::array kOnInvalidLine{Word<OnInvalidLine>{"reject", OnInvalidLine::reject},
                                    Word<OnInvalidLine>{"skip", OnInvalidLine::skip}};
constexpr std::array kLogLevels{
    Word<LogLevel>{"debug", LogLevel::debug}, Word<LogLevel>{"info", LogLevel::info},
    Word<LogLevel>{"warning", LogLevel::warning}, Word<LogLevel>{"error", LogLevel::error}};

constexpr Millis kCentury = std::chrono::hours(100 * 365 * 24);
constexpr std::int64_t kRequestsMax = 50'000;                   // Source: the provider's Batch API guide
constexpr std::uint64_t kBatchBytesMax = 200ULL * 1024 * 1024;  // likewise; it says 200 MB and enforces MiB

// A getter for both const and other settings, which only a macro can say in one line.
#define AT(member) [](auto& s) -> auto& { return s.member; }

std::vector<Key> make_keys() {
    return {
        path("spool.inbox", AT(spool.inbox)),
        path("spool.outbox", AT(spool.outbox)),
        path("spool.rejected", AT(spool.rejected)),
        duration("spool.scan_interval", AT(spool.scan_interval), 100ms, 1h),
        duration("spool.settle_time", AT(spool.settle_time), 0ms, 1h),
        duration("spool.empty_wait", AT(spool.empty_wait), 0ms, 1h),
        choice("spool.on_invalid_line", AT(spool.on_invalid_line), kOnInvalidLine),
        path("state.directory", AT(state.directory)),
        duration("state.keep", AT(state.keep), 1s, kCentury),
        base_url("provider.base_url", AT(provider.base_url)),
        path("provider.api_key_file", AT(provider.api_key_file)),
        no_api_key("provider.api_key", AT(provider.api_key)),
        text("provider.organization", AT(provider.organization), "an id of printable ASCII without spaces",
             is_header_word),
        text("provider.project", AT(provider.project), "an id of printable ASCII without spaces",
             is_header_word),
        path("provider.ca_file", AT(provider.ca_file)),
        duration("provider.timeout", AT(provider.timeout), 100ms, 1h),
        count("provider.max_connections", AT(provider.max_connections), 1, 64),
        duration("provider.list_lag", AT(provider.list_lag), 0ms, 1h),
        flag("provider.delete_files", AT(provider.delete_files)),
        text("batch.endpoint", AT(batch.endpoint),
             "a path that begins with \"/\", such as \"/v1/chat/completions\"", is_endpoint),
        text("batch.model", AT(batch.model), "a model's name of at most 256 bytes",
             [](const std::string& name) { return name.size() <= 256; }),
        text("batch.completion_window", AT(batch.completion_window),
             "a time window of the provider, such as \"24h\"",
             [](const std::string& window) { return !window.empty() && window.size() <= 64; }),
        metadata_key(),
        count("batch.max_requests", AT(batch.max_requests), 1, kRequestsMax),
        size("batch.max_bytes", AT(batch.max_bytes), kBatchBytesMax),
        size("batch.max_line", AT(batch.max_line), kBatchBytesMax),
        enqueued_tokens_key(),
        duration("poll.interval", AT(poll.interval), 100ms, 24h),
        count("retry.row_attempts", AT(retry.row_attempts), 1, 20),
        duration("retry.min_backoff", AT(retry.min_backoff), 1ms, 24h),
        duration("retry.max_backoff", AT(retry.max_backoff), 1ms, 24h),
        duration("retry.result_patience", AT(retry.result_patience), 0ms, 30 * 24h),
        duration("retry.cancel_patience", AT(retry.cancel_patience), 0ms, 30 * 24h),
        socket_path("control.socket", AT(control.socket)),
        text("control.group", AT(control.group), "the name of a Unix group",
             [](const std::string& name) { return name.size() <= 256 && is_header_word(name); }),
        choice("log.level", AT(log.level), kLogLevels),
    };
}

#undef AT

}  // namespace

const std::vector<Key>& keys() {
    static const std::vector<Key> table = make_keys();
    return table;
}

const Key* find_key(std::string_view name) {
    const auto found =
        std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
    return found == keys().end() ? nullptr : &*found;
}

std::vector<std::string_view> changed_keys(const Settings& before, const Settings& after) {
    std::vector<std::string_view> changed;
    for (const Key& key : keys())
        if (key.print(before) != key.print(after)) changed.push_back(key.name);
    return changed;
}

}  // namespace batchd::config
