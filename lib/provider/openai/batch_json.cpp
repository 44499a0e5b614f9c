#include "provider/openai/batch_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/text/byte_order_mark.hpp"
#include "provider/openai/json/json_scalar.hpp"
#include "provider/openai/json/json_stream.hpp"
#include "provider/openai/json/object_reader.hpp"

namespace batchd::provider {
namespace {

namespace json = boost::json;

std::optional<json::value> parse(std::string_view text) {
    text = without_byte_order_mark(text);
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    json::error_code ec;
    json::value value = json::parse({text.data(), text.size()}, ec, {}, options);
    if (ec) return std::nullopt;
    return value;
}

const json::value* find(const json::object& object, std::string_view key) {
    return object.if_contains({key.data(), key.size()});
}

std::string find_text(const json::object& object, std::string_view key) {
    const json::value* value = find(object, key);
    return value == nullptr ? std::string() : text_of(*value, kUnsafeBytesMax);
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
    ObjectReader<T> reader;
    reader.write(text);
    return reader.finish();
}

ErrorEnvelope fields_of(const json::object& object) {
    return {find_text(object, "code"), find_text(object, "type"), find_text(object, "param"),
            find_text(object, "message")};
}

/// As parse_error(), also where it says nothing.
std::optional<ErrorEnvelope> read_error(std::string_view text) {
    const auto value = parse(text);
    const json::object* object = value ? value->if_object() : nullptr;
    if (object == nullptr) return std::nullopt;
    // OpenAI's form, and that of servers made with FastAPI.
    for (const std::string_view key : {"error", "detail"}) {
        const json::value* inner = find(*object, key);
        if (inner == nullptr) continue;
        if (const auto* fields = inner->if_object()) return fields_of(*fields);
        const auto* list = inner->if_array();
        if (!inner->is_string() && (list == nullptr || list->empty())) continue;
        ErrorEnvelope envelope = fields_of(*object);
        // A list of complaints, as FastAPI has it for a body that does not fit, is told as it stands.
        envelope.message = list == nullptr ? text_of(*inner, kUnsafeBytesMax)
                                           : json::serialize(*list).substr(0, kUnsafeBytesMax);
        return envelope;
    }
    return fields_of(*object);
}

}  // namespace

std::optional<FileObject> parse_file(std::string_view text) {
    return read_whole<FileObject>(text);
}

std::optional<BatchObject> parse_batch(std::string_view text) {
    return read_whole<BatchObject>(text);
}

std::optional<Page<FileObject>> parse_file_page(std::string_view text) {
    return read_whole<Page<FileObject>>(text);
}

std::optional<Page<BatchObject>> parse_batch_page(std::string_view text) {
    return read_whole<Page<BatchObject>>(text);
}

std::optional<bool> parse_deletion(std::string_view text) {
    const auto deletion = read_whole<Deletion>(text);
    return deletion ? std::optional(deletion->is_deleted) : std::nullopt;
}

std::optional<ErrorEnvelope> parse_error(std::string_view text) {
    auto error = read_error(text);
    if (error && error->code.empty() && error->type.empty() && error->message.empty()) return std::nullopt;
    return error;
}

std::string to_json(const NewBatch& batch) {
    json::object body;
    body["input_file_id"] = batch.input_file_id;
    body["endpoint"] = batch.endpoint;
    // Services that do not know a field refuse it, even where it is empty.
    if (!batch.completion_window.empty()) body["completion_window"] = batch.completion_window;
    if (!batch.metadata.empty()) {
        json::object metadata;
        for (const auto& [key, text] : batch.metadata) metadata[key] = text;
        body["metadata"] = std::move(metadata);
    }
    return json::serialize(body);
}

}  // namespace batchd::provider
