#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <type_traits>
#include <utility>

#include "config/fields/field.hpp"

/// What makes the fields of a table, by the type of their value. In all of them `where` is where the value is
/// stored, as AT(member) has it: for const tables and others. A member may be an optional, which is empty
/// while its key is silent.
namespace batchd::config {

// A getter for both const and other tables, which only a macro can say in one line.
#define AT(member) [](auto& table) -> auto& { return table.member; }

template <class T>
concept Optional = requires(T& t) {
    t.has_value();
    t.reset();
};

/// What a member holds where it is set.
template <class T>
struct Held {
    using type = T;
};
template <Optional T>
struct Held<T> {
    using type = typename T::value_type;
};

/// Whether "" is a value of a text, or says that the key is not set.
enum class Empty { is_a_value, is_not_set };

/// What every kind of field is told about its key: how it is called, and what a wrong value is answered with.
struct FieldText {
    std::string_view name;
    std::string expects;
};

/// "is VALUE: must be EXPECTS", the one form that every complaint has.
std::string complaint_about(const Value& value, const std::string& expects);
/// None of our texts may have any: they end up in headers, in log lines and on terminals.
bool has_control_characters(std::string_view text);
/// What may stand in an HTTP header as one word.
bool is_header_word(std::string_view word);
/// A path as requests have it: "/v1/chat/completions".
bool is_endpoint(std::string_view path);
bool is_model(std::string_view name);
bool is_window(std::string_view window);

/// Each of these is empty where the value has another type or is out of range.
std::optional<Path> as_path(const Value& value);
std::optional<Millis> as_duration(const Value& value, Millis min, Millis max);
std::optional<std::int64_t> as_count(const Value& value, std::int64_t min, std::int64_t max);
std::optional<std::uint64_t> as_size(const Value& value, std::uint64_t max_bytes);
const std::string* as_text(const Value& value);

template <class Member, class Format>
std::optional<std::string> print_member(const Member& member, const Format& format) {
    if constexpr (Optional<Member>)
        return member ? std::optional<std::string>(format(*member)) : std::nullopt;
    else
        return format(member);
}

/// Convert: const Value& to optional<T>, nothing when it is wrong. Format: const T& to string or optional.
template <class Table, class Where, class Convert, class Format>
Field<Table> make_field(FieldText text, Where where, Convert convert, Format format) {
    Field<Table> field{text.name, text.expects, {}, {}};
    field.read = [=](const Value& value, Table& table) -> std::vector<Complaint> {
        auto converted = convert(value);
        if (!converted) return {{std::string(text.name), complaint_about(value, text.expects), value.where}};
        // Only what is right is written, so the settings stay the defaults where a key is wrong.
        where(table) = std::move(*converted);
        return {};
    };
    field.print = [=](const Table& table) { return print_member(where(table), format); };
    return field;
}

template <class Table, class Where>
Field<Table> path_field(std::string_view name, Where where) {
    return make_field<Table>({name, "an absolute path: one that begins with \"/\""}, where, as_path,
                             [](const Path& path) { return toml_string(path.string()); });
}

template <class Table, class Where>
Field<Table> duration_field(std::string_view name, Where where, Millis min, Millis max) {
    const std::string range = "from " + format_duration(min) + " to " + format_duration(max);
    return make_field<Table>(
        {name, "a duration " + range + ", such as \"500ms\", \"60s\", \"45m\" or \"24h\""}, where,
        [=](const Value& value) { return as_duration(value, min, max); },
        [](Millis duration) { return toml_string(format_duration(duration)); });
}

template <class Table, class Where>
Field<Table> count_field(std::string_view name, Where where, std::int64_t min, std::int64_t max) {
    using Number = typename Held<std::remove_cvref_t<decltype(where(std::declval<Table&>()))>>::type;
    const auto convert = [=](const Value& value) -> std::optional<Number> {
        const auto number = as_count(value, min, max);
        return number ? std::optional(static_cast<Number>(*number)) : std::nullopt;
    };
    const std::string range = std::to_string(min) + " to " + std::to_string(max);
    return make_field<Table>({name, "a whole number from " + range}, where, convert,
                             [](Number number) { return std::to_string(number); });
}

template <class Table, class Where>
Field<Table> size_field(std::string_view name, Where where, std::uint64_t max_bytes) {
    const std::string range = "from 1 to " + std::to_string(max_bytes) + " bytes";
    return make_field<Table>(
        {name, "a size " + range + ", such as \"200MB\", \"64MiB\" or a number of bytes"}, where,
        [=](const Value& value) { return as_size(value, max_bytes); },
        [](std::uint64_t bytes) { return toml_string(format_size(bytes)); });
}

template <class Table, class Where>
/// Only TOML's own true and false: "yes" and 1 are mistakes that somebody should see.
Field<Table> flag_field(std::string_view name, Where where) {
    const auto convert = [](const Value& value) -> std::optional<bool> {
        const bool* const flag = std::get_if<bool>(&value.content);
        return flag == nullptr ? std::nullopt : std::optional(*flag);
    };
    return make_field<Table>({name, "true or false, without quotes"}, where, convert,
                             [](bool value) { return std::string(value ? "true" : "false"); });
}

/// A string in one line for which `fits` is true.
template <class Table, class Where, std::predicate<const std::string&> Fits>
Field<Table> text_field(FieldText text, Where where, Fits fits, Empty empty = Empty::is_not_set) {
    using Stored = std::remove_cvref_t<decltype(where(std::declval<Table&>()))>;
    const auto convert = [=](const Value& value) -> std::optional<std::string> {
        const std::string* const word = as_text(value);
        return word != nullptr && !has_control_characters(*word) && fits(*word) ? std::optional(*word)
                                                                                : std::nullopt;
    };
    const bool shows_empty = Optional<Stored> || empty == Empty::is_a_value;
    const auto format = [=](const std::string& word) {
        return word.empty() && !shows_empty ? std::nullopt : std::optional(toml_string(word));
    };
    return make_field<Table>(std::move(text), where, convert, format);
}

template <class Enum>
/// What a choice is called in the file.
struct Word {
    std::string_view word;
    Enum value;
};

template <class Table, class Where, class Enum, std::size_t N>
/// One of a few words, exactly as they are written. What is expected lists all of them, so that nobody has to
/// look them up.
Field<Table> choice_field(std::string_view name, Where where, const std::array<Word<Enum>, N>& words) {
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
    return make_field<Table>({name, expects}, where, convert, format);
}

/// What was read of a table or an array: its value, or everything that is wrong with it.
template <class T>
struct Reading {
    T value{};
    std::vector<Complaint> complaints{};
};

/// A table or an array, in which several things may be wrong at once. Read: const Value& and the key's name
/// to Reading<T>.
template <class Table, class Where, class Read, class Format>
Field<Table> composed_field(FieldText text, Where where, Read read, Format format) {
    Field<Table> field{text.name, text.expects, {}, {}};
    field.read = [=](const Value& value, Table& table) {
        auto reading = read(value, text.name);
        // All of the table or nothing of it: a configuration with a complaint is not used.
        if (reading.complaints.empty()) where(table) = std::move(reading.value);
        return std::move(reading.complaints);
    };
    field.print = [=](const Table& table) { return print_member(where(table), format); };
    return field;
}

inline constexpr std::array kOnInvalidLineWords{Word<OnInvalidLine>{"reject", OnInvalidLine::reject},
                                                Word<OnInvalidLine>{"skip", OnInvalidLine::skip}};

/// Far beyond what any provider takes: the provider's own limits are what counts.
inline constexpr std::int64_t kRequestsMax = 10'000'000;
inline constexpr std::uint64_t kBytesMax = 100ULL * 1024 * 1024 * 1024;

}  // namespace batchd::config
