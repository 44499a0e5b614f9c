#include "jsonl/result/loose_values.hpp"

#include <charconv>

namespace batchd::jsonl {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

std::optional<std::uint64_t> number_in(std::string_view text) {
    const std::size_t point = text.find('.');
    // "200.0" is a whole number that some language has made a fraction of.
    if (point != std::string_view::npos && point > 0 &&
        text.find_first_not_of('0', point + 1) == std::string_view::npos)
        text = text.substr(0, point);
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

simdjson::error_code read_word(ondemand::value value, std::string_view& text) {
    ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    if (type == ondemand::json_type::string) return value.get_string().get(text);
    // Of another type it says nothing: `text` stays as it was, and the row is no worse for it.
    if (type != ondemand::json_type::number) return SUCCESS;
    const std::string_view token = value.raw_json_token();
    text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    return SUCCESS;
}

simdjson::error_code read_count(ondemand::value value, std::optional<std::uint64_t>& count) {
    std::string_view word;
    if (const auto ec = read_word(value, word)) return ec;
    count = number_in(word);
    return SUCCESS;
}

simdjson::error_code says_anything(ondemand::value value, bool& said) {
    ondemand::json_type type;
    if (const auto ec = value.type().get(type)) return ec;
    std::string_view text;
    ondemand::array list;
    ondemand::object object;
    bool empty = false;
    switch (type) {
        case ondemand::json_type::string:
            if (const auto ec = value.get_string().get(text)) return ec;
            empty = text.empty();
            break;
        case ondemand::json_type::array:
            if (const auto ec = value.get_array().get(list)) return ec;
            if (const auto ec = list.is_empty().get(empty)) return ec;
            break;
        case ondemand::json_type::object:
            if (const auto ec = value.get_object().get(object)) return ec;
            if (const auto ec = object.is_empty().get(empty)) return ec;
            break;
        case ondemand::json_type::boolean:
            if (const auto ec = value.get_bool().get(empty)) return ec;
            empty = !empty;
            break;
        case ondemand::json_type::null:
            empty = true;
            break;
        case ondemand::json_type::number:
            empty = number_in(value.raw_json_token().substr(0, 1)) == 0U;
            break;
        default:
            break;
    }
    said = said || !empty;
    return SUCCESS;
}

}  // namespace batchd::jsonl
