#pragma once

#include <optional>
#include <string_view>

namespace batchd::jsonl {

/// Walks the fields of one JSON object as it stands in the text, without decoding anything, so that its parts
/// can be copied byte for byte. The text must be known to be valid JSON.
class JsonFields {
public:
    /// `object` starts with "{" and must outlive this.
    explicit JsonFields(std::string_view object);

    /// Goes to the next field; false when there is none.
    bool next();
    /// From the key's opening quote to the end of the value.
    std::string_view field();
    /// Without white space around it.
    std::string_view value();
    /// As value(), for a field that is known to be the last: its end is known without looking at what is
    /// inside.
    std::string_view last_value() const;

private:
    std::string_view text_;
    std::size_t key_ = 0;
    std::size_t begin_ = 0;  // of the value
    std::size_t end_;        // of the value; npos while nobody has asked
};

/// The value of `key` where that is the first field of the object in `text`, whose rest is not looked at: it
/// may have megabytes. Nothing where it is another one, or `text` no object.
std::optional<std::string_view> first_value(std::string_view text, std::string_view key);

}  // namespace batchd::jsonl
