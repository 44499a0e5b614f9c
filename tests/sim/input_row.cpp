#include "sim/input_row.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/azure_texts.hpp"
#include "sim/entrance.hpp"
#include "sim/utf8.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::size_t kExcerptBytesMax = 200;
constexpr std::uint64_t kBytesPerToken = 4;

ApiError bad(std::string code, std::string param, std::string message) {
    return {.status = 400, .message = std::move(message), .param = std::move(param), .code = std::move(code)};
}

ApiError missing(std::string_view param) {
    return bad("missing_required_parameter", std::string(param),
               "Missing required parameter: '" + std::string(param) + "'.");
}

std::string_view text_at(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

/// The text of a content: a string, or an array of parts with a text each.
std::string_view content_text(const json::value* content) {
    if (content == nullptr) return {};
    if (content->is_string()) return content->get_string();
    if (!content->is_array()) return {};
    for (const json::value& part : content->get_array())
        if (part.is_object())
            if (const auto text = text_at(part.get_object(), "text"); !text.empty()) return text;
    return {};
}

std::string_view last_user_text(const json::value& messages) {
    if (messages.is_string()) return messages.get_string();
    if (!messages.is_array()) return {};
    const json::array& list = messages.get_array();
    for (auto message = list.rbegin(); message != list.rend(); ++message) {
        if (message->is_string()) return message->get_string();
        if (!message->is_object()) continue;
        const json::object& object = message->get_object();
        if (text_at(object, "role") == "user") return content_text(object.if_contains("content"));
    }
    return {};
}

/// The field of a body that holds what is asked, and what validation calls it.
struct Question {
    std::string_view key, name;
};

Question question_of(std::string_view endpoint) {
    if (endpoint == "/v1/chat/completions") return {"messages", "Messages"};
    if (endpoint == "/v1/completions") return {"prompt", "Prompt"};
    if (endpoint == "/v1/responses" || endpoint == "/v1/embeddings" || endpoint == "/v1/moderations")
        return {"input", "Input"};
    return {"prompt", "Prompt"};
}

std::uint64_t count_inputs(const json::value& input) {
    if (!input.is_array() || input.get_array().empty()) return 1;
    const json::array& list = input.get_array();
    return list.front().is_number() ? 1 : list.size();  // an array of numbers is one tokenized text
}

/// The first parameter with a value that the model endpoint would refuse.
std::string_view refused_param(const json::object& body) {
    const json::value* const temperature = body.if_contains("temperature");
    if (temperature != nullptr && !temperature->is_null()) {
        boost::system::error_code ec;
        const double number = temperature->to_number<double>(ec);
        if (ec || number < 0 || number > 2) return "temperature";
    }
    for (std::string_view key : {"max_tokens", "max_completion_tokens", "max_output_tokens"}) {
        const json::value* const value = body.if_contains(key);
        if (value == nullptr || value->is_null()) continue;
        boost::system::error_code ec;
        if (value->to_number<std::uint64_t>(ec) == 0 || ec) return key;
    }
    return {};
}

Reply<void> check_model(const json::object& body, const RowContext& context) {
    const std::string_view model = text_at(body, "model");
    if (model.empty()) return bad("invalid_request", "body.model", "Model parameter is required.");
    const bool is_other = !context.model.empty() && model != context.model;
    if (is_other && context.speaks_like_azure)
        return bad("model_mismatch", "body.model", azure_texts::other_model(std::string(model)));
    if (is_other)
        return bad(
            "mismatched_model", "body.model",
            "The model '" + std::string(model) +
                "' for this request does not match the rest of the batch. Each batch must contain requests "
                "for a single model.");
    return {};
}

/// Whether a line with this url may be in the batch.
bool is_url_of(const RowContext& context, std::string_view url) {
    return context.endpoint.empty() ? context.urls.contains(std::string(url)) : url == context.endpoint;
}

Reply<InputRow> read_body(const json::object& body, const RowContext& context, std::string_view url) {
    if (auto ok = check_model(body, context); !ok) return ok.error();
    const json::value* const stream = body.if_contains("stream");
    if (stream != nullptr && stream->is_bool() && stream->get_bool())
        return bad("streaming_unsupported", "body.stream",
                   "Chat Completions: Streaming is not supported in the Batch API.");
    const Question question = question_of(plain_endpoint(url));
    const json::value* const asked = body.if_contains(question.key);
    if (asked == nullptr || asked->is_null())
        return bad("invalid_request", "body." + std::string(question.key),
                   std::string(question.name) + " parameter is required.");
    InputRow row;
    row.url = std::string(url);
    row.model = std::string(text_at(body, "model"));
    const std::string_view text = last_user_text(*asked);
    row.text = std::string(utf8_prefix(text, kExcerptBytesMax));
    row.input_tokens = text.size() / kBytesPerToken + 1;
    row.inputs = count_inputs(*asked);
    row.bad_param = std::string(refused_param(body));
    if (const json::value* dimensions = body.if_contains("dimensions")) {
        boost::system::error_code ec;
        const auto number = dimensions->to_number<std::uint64_t>(ec);
        if (!ec) row.dimensions = std::clamp<std::uint64_t>(number, 1, 4096);
    }
    return row;
}

}  // namespace

Reply<InputRow> read_row(const json::value& line, const RowContext& context) {
    if (!line.is_object()) return bad("invalid_json_line", "", "This line is not parseable as valid JSON.");
    const json::object& object = line.get_object();
    for (std::string_view key : {"custom_id", "method", "url", "body"})
        if (!object.contains(key)) return missing(key);
    for (std::string_view key : {"custom_id", "method", "url"})
        if (!object.at(key).is_string() || object.at(key).get_string().empty())
            return bad("invalid_type", std::string(key),
                       "Invalid type for '" + std::string(key) + "': expected a non-empty string.");
    if (text_at(object, "method") != "POST")
        return bad("invalid_method", "method", "Invalid value for 'method': expected 'POST'.");
    if (!is_url_of(context, text_at(object, "url")))
        return bad("invalid_url", "url",
                   "The URL provided for this request does not match the batch endpoint.");
    const json::value& body = object.at("body");
    if (!body.is_object()) return bad("invalid_type", "body", "Invalid type for 'body': expected an object.");
    auto row = read_body(body.get_object(), context, text_at(object, "url"));
    if (row) row->custom_id = std::string(text_at(object, "custom_id"));
    return row;
}

}  // namespace batchd::sim
