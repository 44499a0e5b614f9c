#include "provider/direct/wire/mend_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <simdjson.h>

namespace batchd::provider::direct {
namespace {

constexpr std::size_t kBehindText = 64;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Bytes of the character of UTF-8 that `text` begins with; 0 where it begins with none.
std::size_t character_bytes(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size == 1) return 1;
    return text.size() >= size && simdjson::validate_utf8(text.data(), size) ? size : 0;
}

std::string escaped(char control) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(control);
    return {'\\', 'u', '0', '0', kDigits[byte >> 4U], kDigits[byte & 15U]};
}

/// The word for a number that JSON does not have, at the start of `text`; "" where there is none.
std::string_view word_of_no_number(std::string_view text) {
    static constexpr std::array<std::string_view, 3> kWords = {"NaN", "Infinity", "-Infinity"};
    const auto* const word =
        std::find_if(kWords.begin(), kWords.end(), [&](auto known) { return text.starts_with(known); });
    return word == kWords.end() ? std::string_view() : *word;
}

class Mender {
public:
    explicit Mender(std::string_view text) : rest_(text) { mended_.reserve(text.size() + kBehindText); }

    std::optional<std::string> mend() {
        while (!rest_.empty()) in_string_ ? step_in_string() : step_outside();
        if (!is_changed_) return std::nullopt;
        return std::move(mended_);
    }

private:
    void keep(std::size_t size) {
        mended_ += rest_.substr(0, size);
        rest_.remove_prefix(std::min(size, rest_.size()));
    }
    void put(std::string_view instead, std::size_t size) {
        mended_ += instead;
        rest_.remove_prefix(size);
        is_changed_ = true;
    }
    void step_in_string() {
        const auto byte = static_cast<unsigned char>(rest_.front());
        if (byte < 0x20) return put(escaped(rest_.front()), 1);
        if (byte == '"') in_string_ = false;
        if (byte == '\\' && rest_.size() > 1 && static_cast<unsigned char>(rest_[1]) < 0x80) return keep(2);
        const std::size_t size = character_bytes(rest_);
        return size == 0 ? put(kReplacement, 1) : keep(size);
    }
    void step_outside() {
        if (rest_.front() == '"') in_string_ = true;
        const std::size_t word = word_of_no_number(rest_).size();
        return word == 0 ? keep(1) : put("null", word);
    }

    std::string_view rest_;
    std::string mended_{};
    bool in_string_ = false;
    bool is_changed_ = false;
};

}  // namespace

std::optional<std::string> mend_json(std::string_view text) {
    return Mender(text).mend();
}

}  // namespace batchd::provider::direct
