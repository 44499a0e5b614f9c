#include "spool/layout.hpp"

#include <algorithm>
#include <charconv>

#include "base/text/characters.hpp"

namespace batchd::spool {
namespace {

std::string_view suffix(ShardFile file) {
    switch (file) {
        case ShardFile::prepared:
            return ".jsonl";
        case ShardFile::output:
            return ".output.jsonl";
        case ShardFile::error:
            return ".error.jsonl";
        case ShardFile::output_again:
            return ".output.again";
        case ShardFile::error_again:
            return ".error.again";
        case ShardFile::succeeded:
            return ".succeeded.jsonl";
        case ShardFile::failed:
            return ".failed.jsonl";
        case ShardFile::unreadable:
            return ".unreadable";
        case ShardFile::cut:
            return ".cut.json";
        case ShardFile::batch_id:
            return ".batch";
        case ShardFile::provider:
            return ".provider";
    }
    return ".jsonl";
}

/// A decimal number without sign or leading zeros at the start of `text`, which is moved behind it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    // Each number has one form, so that two names never mean the same folder.
    if (text.starts_with('0')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// The first `size_max` bytes of `name`, less where that would cut a UTF-8 character: some file systems
/// refuse halves.
std::string_view shortened(std::string_view name, std::size_t size_max) {
    if (name.size() <= size_max) return name;
    const auto is_tail = [&](std::size_t at) { return !begins_character(name[at]); };
    // A character has at most four bytes. What has more tails than that is no UTF-8, and is cut where it
    // must be.
    std::size_t size = size_max;
    for (int back = 0; back < 3 && size > 1 && is_tail(size); ++back) --size;
    return name.substr(0, is_tail(size) ? size_max : size);
}

constexpr std::string_view kSetAside = ".taken";

/// ".NAME.KEY" with the ending.
std::string hidden_name(std::string_view name, std::string_view job_key, std::string_view last) {
    // The key is what makes the name this job's own, so it is the NAME that is cut where both are too long.
    const std::string ending = "." + std::string(job_key) + std::string(last);
    return "." + std::string(shortened(name, kFileNameMax - 1 - ending.size())) + ending;
}

}  // namespace

Path Layout::input(std::string_view job_key) const {
    return work_directory(job_key) / "input.jsonl";
}

Path Layout::invalid(std::string_view job_key) const {
    return work_directory(job_key) / "invalid.jsonl";
}

Path Layout::shard_file(std::string_view job_key, const ShardAttempt& attempt, ShardFile file) const {
    std::string name =
        "shard-" + std::to_string(attempt.shard) + ".attempt-" + std::to_string(attempt.attempt);
    return work_directory(job_key) / name.append(suffix(file));
}

Path Layout::shared_file(std::string_view job_key, std::string_view mark, ShardFile file) const {
    return work_directory(job_key) / ("shared-" + std::string(mark)).append(suffix(file));
}

bool is_job_key(std::string_view name) {
    static constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const auto fits = [](char shape, char c) {
        return shape == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    };
    return name.size() == kShape.size() && std::equal(kShape.begin(), kShape.end(), name.begin(), fits);
}

std::optional<ShardAttempt> parse_prepared_name(std::string_view name) {
    if (!take_prefix(name, "shard-")) return std::nullopt;
    const auto shard = take_number(name);
    if (!shard || !take_prefix(name, ".attempt-")) return std::nullopt;
    const auto attempt = take_number(name);
    if (!attempt || name != suffix(ShardFile::prepared)) return std::nullopt;
    return ShardAttempt{*shard, *attempt};
}

std::string published_name(std::string_view name, std::uint64_t number) {
    const std::string ending = number <= 1 ? std::string() : "." + std::to_string(number);
    return std::string(shortened(name, kFileNameMax - ending.size())) + ending;
}

std::optional<std::uint64_t> published_number(std::string_view name, std::string_view entry) {
    if (entry == published_name(name, 1)) return 1;
    const std::size_t dot = entry.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    std::string_view digits = entry.substr(dot + 1);
    const auto number = take_number(digits);
    if (!number || *number < 2 || !digits.empty() || entry != published_name(name, *number))
        return std::nullopt;
    return number;
}

std::string building_name(std::string_view name, std::string_view job_key) {
    return hidden_name(name, job_key, ".partial");
}

std::string set_aside_name(std::string_view name, std::string_view job_key) {
    return hidden_name(name, job_key, kSetAside);
}

std::optional<std::string_view> set_aside_key(std::string_view entry) {
    // Of a UUID in text.
    constexpr std::size_t kKeyBytes = 36;
    if (!entry.starts_with('.') || !entry.ends_with(kSetAside)) return std::nullopt;
    entry.remove_suffix(kSetAside.size());
    if (entry.size() < kKeyBytes + 2) return std::nullopt;
    const std::string_view key = entry.substr(entry.size() - kKeyBytes);
    const bool has_key = entry[entry.size() - kKeyBytes - 1] == '.' && is_job_key(key);
    return has_key ? std::optional(key) : std::nullopt;
}

}  // namespace batchd::spool
