#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <simdjson.h>

/// Values of a JSON text whose types nobody vouches for: what is of another type than it should be is not
/// there. For the sources of this folder.
namespace batchd::jsonl {

/// A whole number; "200.0" is one as well, as some languages write it.
std::optional<std::uint64_t> number_in(std::string_view text);

/// The text of a value, or the digits of a number; left as it is where it is of another type.
simdjson::error_code read_word(simdjson::ondemand::value value, std::string_view& text);

/// The number, or the one that a text holds; nothing where there is no whole number.
simdjson::error_code read_count(simdjson::ondemand::value value, std::optional<std::uint64_t>& count);

/// Sets `said` when a value says anything: not null, false, 0, "", [] or {}.
simdjson::error_code says_anything(simdjson::ondemand::value value, bool& said);

/// Calls take(key, value) for each field of `object`. Values that take() leaves alone are skipped unread.
template <class Take>
simdjson::error_code each_field(simdjson::ondemand::object& object, Take take) {
    for (auto entry : object) {
        std::string_view key;
        // Of the field itself, unescaped_key() wants an argument in some versions, and takes none in others.
        if (const auto ec = entry.unescaped_key().get(key)) return ec;
        simdjson::ondemand::value value;
        if (const auto ec = entry.value().get(value)) return ec;
        if (const auto ec = take(key, value)) return ec;
    }
    return simdjson::SUCCESS;
}

/// As each_field(), for a value that may be anything: what isn't an object has no fields.
template <class Take>
simdjson::error_code each_field_of(simdjson::ondemand::value value, Take take) {
    simdjson::ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    if (type != simdjson::ondemand::json_type::object) return simdjson::SUCCESS;
    simdjson::ondemand::object object;
    if (const auto ec = value.get_object().get(object)) return ec;
    return each_field(object, take);
}

}  // namespace batchd::jsonl
