#include "sim/create_request.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace batchd::sim {

namespace json = boost::json;

namespace {

const std::set<std::string> kEndpoints = {
    "/v1/responses",   "/v1/chat/completions",   "/v1/embeddings",   "/v1/completions",
    "/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos"};
constexpr std::array<std::string_view, 5> kFields = {"input_file_id", "endpoint", "completion_window",
                                                     "metadata", "output_expires_after"};
constexpr std::size_t kMetadataPairsMax = 16;
constexpr std::size_t kMetadataKeyMax = 64;
constexpr std::size_t kMetadataValueMax = 512;
constexpr std::int64_t kExpirySecondsMin = 3600;
constexpr std::int64_t kExpirySecondsMax = 2592000;

ApiError bad(std::string code, std::string param, std::string message) {
    return {.status = 400, .message = std::move(message), .param = std::move(param), .code = std::move(code)};
}

std::string_view kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
            return "an integer";
        case json::kind::double_:
            return "a decimal number";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

ApiError bad_type(const std::string& param, std::string_view expected, const json::value& got) {
    return bad("invalid_type", param,
               "Invalid type for '" + param + "': expected " + std::string(expected) + ", but got " +
                   std::string(kind_name(got)) + " instead.");
}

std::string listed(const std::set<std::string>& words) {
    std::string text;
    std::size_t left = words.size();
    for (const std::string& word : words) {
        text += "'" + word + "'";
        if (--left > 0) text += left == 1 ? ", and " : ", ";
    }
    return text;
}

Reply<std::string> required_text(const json::object& body, const std::string& field) {
    const json::value* const value = body.if_contains(field);
    if (value == nullptr)
        return bad("missing_required_parameter", field, "Missing required parameter: '" + field + "'.");
    if (!value->is_string()) return bad_type(field, "a string", *value);
    return std::string(value->get_string());
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

Reply<std::map<std::string, std::string>> read_metadata(const json::value& value) {
    if (!value.is_object()) return bad_type("metadata", "an object", value);
    const json::object& pairs = value.get_object();
    if (pairs.size() > kMetadataPairsMax)
        return bad("object_above_max_properties", "metadata",
                   "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
                   "but got an "
                   "object with " +
                       std::to_string(pairs.size()) + " properties instead.");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, item] : pairs) {
        const std::string param = "metadata." + std::string(key);
        if (characters(key) > kMetadataKeyMax)
            return bad("string_above_max_length", "metadata",
                       "Invalid 'metadata': a key is longer than 64 characters.");
        if (!item.is_string()) return bad_type(param, "a string", item);
        if (characters(item.get_string()) > kMetadataValueMax)
            return bad(
                "string_above_max_length", param,
                "Invalid '" + param + "': string too long. Expected a string with maximum length 512.");
        metadata.emplace(key, item.get_string());
    }
    return metadata;
}

Reply<std::int64_t> read_output_expiry(const json::value& value) {
    if (!value.is_object()) return bad_type("output_expires_after", "an object", value);
    const json::object& object = value.get_object();
    auto anchor = required_text(object, "anchor");
    if (!anchor || *anchor != "created_at")
        return bad("invalid_value", "output_expires_after.anchor", "Supported values are: 'created_at'.");
    const json::value* const seconds = object.if_contains("seconds");
    if (seconds == nullptr)
        return bad("missing_required_parameter", "output_expires_after.seconds",
                   "Missing required parameter: 'output_expires_after.seconds'.");
    if (!seconds->is_int64()) return bad_type("output_expires_after.seconds", "an integer", *seconds);
    if (seconds->get_int64() < kExpirySecondsMin || seconds->get_int64() > kExpirySecondsMax)
        return bad("integer_out_of_range", "output_expires_after.seconds",
                   "Invalid 'output_expires_after.seconds': expected a value between 3600 and 2592000.");
    return Reply<std::int64_t>(boost::system::in_place_value, seconds->get_int64());
}

Reply<void> read_required(const json::object& body, const Settings& settings, CreateRequest& request) {
    auto file = required_text(body, "input_file_id");
    if (!file) return file.error();
    auto endpoint = required_text(body, "endpoint");
    if (!endpoint) return endpoint.error();
    const auto& endpoints = settings.create_endpoints.empty() ? kEndpoints : settings.create_endpoints;
    if (!endpoints.contains(*endpoint))
        return bad("invalid_value", "endpoint",
                   "Invalid value: '" + *endpoint + "'. Supported values are: " + listed(endpoints) + ".");
    auto window = required_text(body, "completion_window");
    if (!window) return window.error();
    if (!settings.windows.contains(*window))
        return bad("invalid_value", "completion_window",
                   "Invalid value: '" + *window +
                       "'. Supported values for completion_window are: " + listed(settings.windows) + ".");
    request.input_file_id = std::move(*file);
    request.endpoint = std::move(*endpoint);
    request.completion_window = std::move(*window);
    return {};
}

Reply<void> read_optional(const json::object& body, const Settings& settings, CreateRequest& request) {
    if (const json::value* value = body.if_contains("metadata"); value != nullptr && !value->is_null()) {
        if (settings.metadata == "refuse")
            return bad("unknown_parameter", "metadata", "Unknown parameter: 'metadata'.");
        auto metadata = read_metadata(*value);
        if (!metadata) return metadata.error();
        request.metadata = std::move(*metadata);
    }
    if (const json::value* value = body.if_contains("output_expires_after");
        value != nullptr && !value->is_null()) {
        auto seconds = read_output_expiry(*value);
        if (!seconds) return seconds.error();
        request.output_expires_seconds = *seconds;
    }
    return {};
}

}  // namespace

Reply<CreateRequest> read_create_request(const json::value& body, const Settings& settings) {
    if (!body.is_object()) return bad("", "", "Invalid body: expected a JSON object.");
    for (const auto& [key, value] : body.get_object())
        if (std::find(kFields.begin(), kFields.end(), std::string_view(key)) == kFields.end())
            return bad("unknown_parameter", std::string(key),
                       "Unknown parameter: '" + std::string(key) + "'.");
    CreateRequest request;
    if (auto ok = read_required(body.get_object(), settings, request); !ok) return ok.error();
    if (auto ok = read_optional(body.get_object(), settings, request); !ok) return ok.error();
    return request;
}

}  // namespace batchd::sim
