#include "jsonl/request/request_keys.hpp"

#include <algorithm>
#include <span>

#include "base/text/letter_case.hpp"
#include "jsonl/json_stand_in.hpp"
#include "jsonl/quote.hpp"

namespace batchd::jsonl {

namespace dom = simdjson::dom;

namespace {

/// Keys that have no sense beside a body.
constexpr std::string_view kKeysOfBodies[] = {"messages",
                                              "input",
                                              "prompt",
                                              "temperature",
                                              "max_tokens",
                                              "max_completion_tokens",
                                              "max_output_tokens",
                                              "top_p",
                                              "tools",
                                              "tool_choice",
                                              "instructions",
                                              "response_format",
                                              "reasoning_effort",
                                              "seed",
                                              "stop",
                                              "n"};
/// Objects that have nothing to do with a body.
constexpr std::string_view kOtherObjects[] = {"response", "error", "metadata"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// `"key" is VALUE: ` with the value cut to a length that fits a message.
std::string is_but(const Key& key) {
    return json_string(key.name) + " is " +
           excerpt(key.raw.empty() ? simdjson::to_string(key.value) : std::string(key.raw)) + ": ";
}

std::string_view half_character(const Key& key) {
    return key.raw.find('\\') == std::string_view::npos ? std::string_view() : lone_surrogate(key.raw);
}

std::string twice(const Key& key) {
    return json_string(key.name) + " is there " + std::to_string(key.count) + " times: once is right";
}

bool is_path(std::string_view url) {
    const auto printable_ascii = [](char c) { return c > 0x20 && c < 0x7F; };
    // A whole address is none: which server it goes to is not for a line to say.
    return url.starts_with('/') && !url.starts_with("//") &&
           std::all_of(url.begin(), url.end(), printable_ascii);
}

/// As servers may read it before they look at it; of "..;x" some take off what is behind the ";".
std::string path_as_read(std::string_view url) {
    std::string path;
    for (std::size_t i = 0; i < url.size(); ++i) {
        const std::string code = url[i] == '%' ? to_lower(url.substr(i, 3)) : std::string();
        const bool is_dot = code == "%2e", is_slash = code == "%2f" || code == "%5c";
        if (is_dot || is_slash) i += 2;
        if (is_dot)
            path += '.';
        else
            path += is_slash || url[i] == '\\' || url[i] == ';' ? '/' : url[i];
    }
    return path;
}

/// A path with a segment "." or "..", by which it may lead out of the base_url, also where it is encoded.
bool climbs(std::string_view url) {
    // Of most there is nothing to look for, and each line of a file comes here.
    if (url.find_first_of(".%") == std::string_view::npos) return false;
    const std::string path = path_as_read(url.substr(0, url.find_first_of("?#"))) + "/";
    return path.find("/./") != std::string::npos || path.find("/../") != std::string::npos;
}

/// "customId", "custom-id", "CUSTOM_ID" …
bool is_like_custom_id(std::string_view key) {
    constexpr std::string_view kMeant = "customid";
    std::size_t at = 0;
    for (const char c : key) {
        if (c == '_' || c == '-' || c == ' ') continue;
        if (at == kMeant.size() || to_lower(c) != kMeant[at++]) return false;
    }
    return at == kMeant.size();
}

bool is_text_of_object(const dom::element& value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    dom::parser parser;
    dom::element held;
    return parser.parse(std::string(text)).get(held) == simdjson::SUCCESS && held.is_object();
}

std::string complaint_about_model(const Key& model, const RequestDefaults& defaults) {
    if (model.count > 1) return twice(model);
    if (model.count == 0 && defaults.model.empty())
        return R"(no "model" in the body, and no batch.model is configured)";
    if (model.count == 1 && text_of(model).empty())
        return is_but(model) + "it must be a string that is not empty";
    return {};
}

}  // namespace

Key* Envelope::find(std::string_view name) {
    for (Key* key : {&custom_id, &method, &url, &body, &model})
        if (key->name == name) return key;
    return nullptr;
}

std::string_view text_of(const Key& key) {
    std::string_view text;
    // Of a key that is there twice neither value counts.
    if (key.count != 1 || key.value.get(text) != simdjson::SUCCESS) return {};
    return text;
}

void Envelope::note_other(std::string_view key, const dom::element& value) {
    // The first is enough: it is named in a warning.
    if (like_an_id.empty() && is_like_custom_id(key)) like_an_id = key;
    if (not_sent.empty() && is_one_of(key, kKeysOfBodies)) not_sent = key;
    if (other_object.empty() && value.is_object() && !is_one_of(key, kOtherObjects)) other_object = key;
}

std::string no_body(const Envelope& envelope) {
    if (!envelope.other_object.empty())
        return "no \"body\": is " + excerpt(json_string(envelope.other_object)) +
               " meant? A body of the API is called \"body\" here";
    return R"(no "body": a line must be {"custom_id": …, "body": {…}}, or a body with "messages", "input" or "prompt")";
}

BodyKeys look_into(const dom::object& body) {
    BodyKeys keys;
    for (const auto field : body) {
        keys.empty = false;
        for (Key* key : {&keys.model, &keys.stream, &keys.input, &keys.messages, &keys.prompt})
            if (field.key == key->name) note(*key, field.value);
    }
    return keys;
}

std::uint64_t count_inputs(const Key& input) {
    dom::array list;
    // One limit of a batch counts the inputs of embeddings; what is no list of texts is one input.
    if (input.count == 0 || input.value.get(list) != simdjson::SUCCESS || list.begin() == list.end())
        return 1;
    const dom::element first = *list.begin();
    // A list of numbers is one text in tokens, and a list of objects is a conversation.
    if (!first.is_string() && !first.is_array()) return 1;
    // size() stops counting at 2^24 - 1, far above what a batch may hold.
    return list.size();
}

std::string complaint_about_body(const BodyKeys& keys, const Key& model, const RequestDefaults& defaults) {
    if (keys.stream.count > 1) return twice(keys.stream);
    if (std::string complaint = complaint_about_model(model, defaults); !complaint.empty()) return complaint;
    // null is what many libraries write for what was not set.
    if (keys.stream.count == 0 || keys.stream.value.is_null()) return {};
    bool stream = false;
    if (keys.stream.value.get(stream) != simdjson::SUCCESS)
        return is_but(keys.stream) + "it must be false or left out";
    return stream ? R"("stream" is true: a batch can't stream; remove it or set it to false)" : std::string();
}

std::string complaint_about_envelope(const Envelope& envelope) {
    // Readers differ in which of two equal keys they take, so what is checked here might not be what is
    // run.
    for (const Key* key : {&envelope.custom_id, &envelope.method, &envelope.url, &envelope.body})
        if (key->count > 1) return twice(*key);
    if (envelope.custom_id.count == 1 && text_of(envelope.custom_id).empty())
        return is_but(envelope.custom_id) + "it must be a string that is not empty";
    if (const auto half = half_character(envelope.custom_id); !half.empty())
        return "\"custom_id\" has " + std::string(half) +
               ", half of a character: its answer could not be told from that of another";
    // Left out, it can only be POST, so it is put in.
    if (envelope.method.count == 1 && text_of(envelope.method) != "POST")
        return is_but(envelope.method) + R"(only "POST" can be sent in a batch)";
    if (envelope.url.count == 1 && !is_path(text_of(envelope.url)))
        return is_but(envelope.url) + "it must be a path such as /v1/chat/completions";
    if (envelope.url.count == 1 && climbs(text_of(envelope.url)))
        return is_but(envelope.url) +
               R"(it must be a path without "." and "..", such as /v1/chat/completions)";
    if (envelope.body.count == 1 && !envelope.body.value.is_object())
        return is_but(envelope.body) + "it must be an object" +
               // It was turned into JSON by itself, and then once more with its line.
               (is_text_of_object(envelope.body.value)
                    ? ", and not the text of one: `jq -c '.body |= fromjson'` mends it"
                    : "");
    return {};
}

}  // namespace batchd::jsonl
