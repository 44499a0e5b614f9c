#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace batchd {

/// In rising order: what is below the configured one is left out. The lowest of them that is written is
/// log.level of the configuration.
enum class LogLevel { debug, info, warning, error };

/// "debug", "info", "warning" or "error".
std::string_view to_string(LogLevel level);

/// What a log line is about; empty where it is about the daemon.
struct LogSubject {
    std::string_view job;    ///< its NAME
    std::string_view batch;  ///< the provider's batch id
};

/// The log: one event a line on standard error, `KIND job=NAME batch=ID: detail`, in front of it the time and
/// level in a terminal or the "<6>" that journald reads under systemd. Kinds are the ones of the `events`
/// table. Whatever comes from outside is made printable, and each secret is replaced, so that no line can
/// carry a key or fake another line. I/O thread only, but for write(), which any thread may call.
class Log {
public:
    /// How the level and the time are told: by us, or left to journald.
    enum class Format { terminal, journal };

    Log(LogLevel level, Format format);
    ~Log();

    /// At any time, as a reload does; what is lower is dropped from now on.
    void set_level(LogLevel level);
    /// From now on `secret` is written as "[redacted]" wherever it would appear.
    void add_secret(std::string secret);
    /// `text` without the secrets; for what goes to the database.
    std::string redacted(std::string_view text) const;

    void write(LogLevel level, std::string_view kind, const LogSubject& subject, std::string_view detail);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// `bytes` with control characters, DEL, marks that turn the direction of text, and invalid UTF-8 as \xNN, so
/// that it fits one line of a log or a terminal, and reads as it is.
std::string printable(std::string_view bytes);

/// Valid UTF-8 of at most `length_max` bytes: cut between two characters, with "..." in place of the rest.
/// For texts of others, which may be pages.
std::string shortened(std::string_view text, std::size_t length_max = 300);

}  // namespace batchd
