#include "jsonl/wire_id.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "jsonl/json_fields.hpp"

namespace batchd::jsonl {
namespace {

constexpr std::size_t kHexDigits = 32;
constexpr std::array<std::size_t, 4> kDashes{8, 12, 16, 20};  // digits before each
constexpr std::string_view kField = "\"custom_id\"";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::string wire_id(std::string_view job_key, std::uint64_t line_number) {
    std::string id;
    std::copy_if(job_key.begin(), job_key.end(), std::back_inserter(id), [](char c) { return c != '-'; });
    return id + '-' + std::to_string(line_number);
}

std::optional<WireId> parse_wire_id(std::string_view id) {
    if (id.size() < kHexDigits + 2 || id[kHexDigits] != '-' || id[kHexDigits + 1] == '0') return std::nullopt;
    if (!std::all_of(id.begin(), id.begin() + kHexDigits, is_hex)) return std::nullopt;
    WireId parsed;
    const std::string_view number = id.substr(kHexDigits + 1);
    const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), parsed.line_number);
    if (ec != std::errc() || end != number.data() + number.size()) return std::nullopt;
    for (std::size_t digit = 0; digit < kHexDigits; ++digit) {
        if (std::find(kDashes.begin(), kDashes.end(), digit) != kDashes.end()) parsed.job_key += '-';
        parsed.job_key += id[digit];
    }
    return parsed;
}

bool append_with_id(std::string_view line, std::string_view id_json, std::string& out) {
    const std::size_t begin = std::min(line.find('{'), line.size());
    JsonFields fields(line.substr(begin));
    const std::size_t size_before = out.size();
    std::size_t copied = 0;
    // Of a field that stands there twice, readers take the one or the other.
    while (fields.next()) {
        if (!fields.field().starts_with(kField)) continue;
        const std::string_view value = fields.value();
        const auto at = static_cast<std::size_t>(value.data() - line.data());
        out += line.substr(copied, at - copied);
        out += id_json;
        copied = at + value.size();
    }
    if (copied == 0) {
        out.resize(size_before);
        return false;
    }
    out += line.substr(copied);
    return true;
}

}  // namespace batchd::jsonl
