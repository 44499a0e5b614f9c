#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "jsonl/request/request_line.hpp"

/// The keys of a request line that decide whether it can be sent. Private to the library, for it shows
/// simdjson.
namespace batchd::jsonl {

/// A key that the check looks at: its value, and how often it is there.
struct Key {
    std::string_view name;
    simdjson::dom::element value{};
    unsigned count = 0;
    std::string_view raw{};  ///< the value as it stands in the line; only for keys at the top
};

/// The keys at the top of a line.
struct Envelope {
    Key custom_id{"custom_id"}, method{"method"}, url{"url"}, body{"body"}, model{"model"};
    std::string_view not_sent{};      ///< a key that belongs into a body
    std::string_view like_an_id{};    ///< a key that may be meant as custom_id
    std::string_view other_object{};  ///< a key with an object that may be meant as the body

    Key* find(std::string_view name);
    void note_other(std::string_view key, const simdjson::dom::element& value);
};

/// The keys of a body.
struct BodyKeys {
    Key model{"model"}, stream{"stream"}, input{"input"}, messages{"messages"}, prompt{"prompt"};
    bool empty = true;
};

/// The last one counts where a key is there twice; that it is, is a complaint of its own.
inline void note(Key& key, const simdjson::dom::element& value) {
    key.value = value;
    ++key.count;
}
/// Values of the body are looked at by their kind only.
BodyKeys look_into(const simdjson::dom::object& body);

/// The value where it is a string that is not empty, else "".
std::string_view text_of(const Key& key);
/// An `input` that is a list of texts or of token lists asks for one embedding each, any other for one.
std::uint64_t count_inputs(const Key& input);

/// Empty where a line with these keys may be sent.
std::string complaint_about_envelope(const Envelope& envelope);
/// Likewise. `model` is the key that is used for it.
std::string complaint_about_body(const BodyKeys& keys, const Key& model, const RequestDefaults& defaults);
/// On a line that neither has a body nor is one.
std::string no_body(const Envelope& envelope);

}  // namespace batchd::jsonl
