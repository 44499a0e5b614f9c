#pragma once

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
    std::string_view field() const {
        return field_;
    }  ///< from the key's opening quote to the end of the value
    std::string_view value() const { return value_; }  ///< without white space around it

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view field_;
    std::string_view value_;
};

}  // namespace batchd::jsonl
