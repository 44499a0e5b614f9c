#include "base/log.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/text/characters.hpp"

namespace batchd {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

/// journald's priorities, those of syslog(3).
const char* priority(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "<7>";
        case LogLevel::info:
            return "<6>";
        case LogLevel::warning:
            return "<4>";
        case LogLevel::error:
            return "<3>";
    }
    return "<6>";
}

/// Length of the valid UTF-8 sequence at the start of `bytes`, 0 if there is none. Source: RFC 3629,
/// section 4.
std::size_t utf8_length(std::string_view bytes) {
    const auto at = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return at(i) >= 0x80 && at(i) <= 0xBF; };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF && tail(1)) return 2;
    const unsigned second = at(1);
    if (lead >= 0xE0 && lead <= 0xEF && tail(1) && tail(2))
        return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
    if (lead >= 0xF0 && lead <= 0xF4 && tail(1) && tail(2) && tail(3))
        return (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) ? 0 : 4;
    return 0;
}

/// "\x1b".
std::string escaped(char c) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
}

/// A character that drives the terminal or turns the text around: C1 controls, and the marks by which text is
/// written from right to left (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069).
bool misleads(std::string_view character) {
    const auto at = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 2) return (at(0) == 0xC2 && at(1) < 0xA0) || character == "\u061C";
    if (character.size() != 3 || at(0) != 0xE2) return false;
    const unsigned last_two = at(1) << 8U | at(2);
    return last_two == 0x808E || last_two == 0x808F || (last_two >= 0x80AA && last_two <= 0x80AE) ||
           (last_two >= 0x81A6 && last_two <= 0x81A9);
}

}  // namespace

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "info";
}

std::string printable(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        const std::size_t length = byte < 0x20 || byte == 0x7F ? 0 : utf8_length(bytes);
        if (length == 0 || misleads(bytes.substr(0, length))) {
            for (const char c : bytes.substr(0, std::max<std::size_t>(1, length))) text += escaped(c);
        } else {
            text += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(1, length));
    }
    return text;
}

std::string shortened(std::string_view text, std::size_t length_max) {
    static constexpr std::string_view kMark = "...";
    if (text.size() <= length_max) return std::string(text);
    std::size_t end = length_max - kMark.size();
    while (end > 0 && !begins_character(text[end])) --end;
    return std::string(text.substr(0, end)) + std::string(kMark);
}

struct Log::Impl {
    spdlog::logger logger{"batchd", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    Format format;
    mutable std::mutex mutex;  // guards secrets: write() may be called from the pool
    std::vector<std::string> secrets;
};

Log::Log(LogLevel level, Format format) : impl_(std::make_unique<Impl>()) {
    impl_->format = format;
    impl_->logger.set_pattern(format == Format::journal ? "%v" : "%Y-%m-%dT%H:%M:%SZ %l %v",
                              spdlog::pattern_time_type::utc);
    impl_->logger.flush_on(spdlog::level::debug);
    set_level(level);
}

Log::~Log() = default;

void Log::set_level(LogLevel level) {
    impl_->logger.set_level(to_spdlog(level));
}

void Log::add_secret(std::string secret) {
    // A shorter one would blank ordinary words, and no real key is shorter.
    if (secret.size() < 6) return;
    const std::scoped_lock lock(impl_->mutex);
    auto& secrets = impl_->secrets;
    if (std::find(secrets.begin(), secrets.end(), secret) == secrets.end())
        secrets.push_back(std::move(secret));
}

std::string Log::redacted(std::string_view text) const {
    static constexpr std::string_view kMark = "[redacted]";
    std::string clean(text);
    const std::scoped_lock lock(impl_->mutex);
    for (const std::string& secret : impl_->secrets)
        for (std::size_t at = clean.find(secret); at != std::string::npos;
             at = clean.find(secret, at + kMark.size()))
            clean.replace(at, secret.size(), kMark);
    return clean;
}

void Log::write(LogLevel level, std::string_view kind, const LogSubject& subject, std::string_view detail) {
    if (!impl_->logger.should_log(to_spdlog(level))) return;
    std::string line;
    if (impl_->format == Format::journal) line += priority(level);
    line += kind;
    if (!subject.job.empty()) line += " job=" + printable(subject.job);
    if (!subject.batch.empty()) line += " batch=" + printable(subject.batch);
    if (!detail.empty()) line += ": " + printable(redacted(detail));
    impl_->logger.log(to_spdlog(level), line);
}

}  // namespace batchd
