#include "web/request/validators.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <ctime>

#include "base/disk/sha256.hpp"

namespace batchd::web {
namespace {

constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Not by strftime(), whose names are those of the locale.
std::string http_date(std::time_t time) {
    std::tm utc{};
    if (gmtime_r(&time, &utc) == nullptr) return {};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                  kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                  utc.tm_sec);
    return text.data();
}

}  // namespace

Validators validators_of(const struct stat& status) {
    std::array<char, 96> tag{};
    // With nanoseconds and the inode: a file that is replaced within a second, by one of the same size, is
    // another.
    std::snprintf(tag.data(), tag.size(), "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 ".%09ld\"",
                  static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_size),
                  static_cast<std::uint64_t>(status.st_mtim.tv_sec), status.st_mtim.tv_nsec);
    return {tag.data(), http_date(status.st_mtim.tv_sec)};
}

Validators validators_of(std::string_view own, const std::vector<struct stat>& files) {
    std::string made_of(own);
    std::time_t newest = 0;
    for (const struct stat& file : files) {
        made_of += validators_of(file).etag;
        // An archive has changed when the last of its files has.
        newest = std::max(newest, file.st_mtim.tv_sec);
    }
    const Digest128 digest = digest128(made_of);
    std::array<char, 40> tag{};
    std::snprintf(tag.data(), tag.size(), "\"%016" PRIx64 "%016" PRIx64 "\"", digest[0], digest[1]);
    return {tag.data(), http_date(newest)};
}

std::string_view wanted_range(const server::RequestHead& head, const Validators& file) {
    const std::string_view condition = head.header("if-range");
    // Compared as text: a date that is only near is not the one that we gave.
    const bool is_same = condition.empty() || condition == file.etag || condition == file.last_modified;
    return is_same ? head.header("range") : std::string_view();
}

bool has_it(const server::RequestHead& head, const Validators& file) {
    const std::string_view condition = head.header("if-none-match");
    // A list of tags is searched as a text: ours have quotes, so that none is a part of another.
    return condition == "*" || condition.find(file.etag) != std::string_view::npos;
}

}  // namespace batchd::web
