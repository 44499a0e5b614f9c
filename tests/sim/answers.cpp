#include "sim/answers.hpp"

#include <cctype>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sim/api_error.hpp"
#include "sim/chance.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr unsigned kSummaryWords = 12;
constexpr std::size_t kBytesPerToken = 4;

std::string padded(std::string text, std::uint64_t size_min) {
    if (text.size() >= size_min) return text;
    const std::string once = text.empty() ? std::string("padding") : text;
    text.reserve(size_min + once.size() + 1);
    while (text.size() < size_min) (text += ' ') += once;
    return text;
}

Tokens count_tokens(const InputRow& row, const std::string& text) {
    return {.input = row.input_tokens, .output = text.size() / kBytesPerToken + 1};
}

json::object chat_body(const InputRow& row, const std::string& text, Tokens tokens, std::int64_t created) {
    json::object message{
        {"role", "assistant"}, {"content", text}, {"refusal", nullptr}, {"annotations", json::array()}};
    json::object choice{
        {"index", 0}, {"message", std::move(message)}, {"logprobs", nullptr}, {"finish_reason", "stop"}};
    return {{"id", "chatcmpl-" + random_hex(24)},
            {"object", "chat.completion"},
            {"created", created},
            {"model", row.model},
            {"choices", json::array{std::move(choice)}},
            {"usage", json::object{{"prompt_tokens", tokens.input},
                                   {"completion_tokens", tokens.output},
                                   {"total_tokens", tokens.input + tokens.output},
                                   {"prompt_tokens_details", json::object{{"cached_tokens", 0}}},
                                   {"completion_tokens_details", json::object{{"reasoning_tokens", 0}}}}},
            {"system_fingerprint", nullptr}};
}

json::object completion_body(const InputRow& row, const std::string& text, Tokens tokens,
                             std::int64_t created) {
    json::object choice{{"text", text}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", "stop"}};
    return {{"id", "cmpl-" + random_hex(24)},
            {"object", "text_completion"},
            {"created", created},
            {"model", row.model},
            {"choices", json::array{std::move(choice)}},
            {"usage", json::object{{"prompt_tokens", tokens.input},
                                   {"completion_tokens", tokens.output},
                                   {"total_tokens", tokens.input + tokens.output}}}};
}

json::object response_body(const InputRow& row, const std::string& text, Tokens tokens,
                           std::int64_t created) {
    json::object part{{"type", "output_text"}, {"text", text}, {"annotations", json::array()}};
    json::object message{{"type", "message"},
                         {"id", "msg_" + random_hex(32)},
                         {"status", "completed"},
                         {"role", "assistant"},
                         {"content", json::array{std::move(part)}}};
    return {{"id", "resp_" + random_hex(32)},
            {"object", "response"},
            {"created_at", created},
            {"status", "completed"},
            {"error", nullptr},
            {"incomplete_details", nullptr},
            {"model", row.model},
            {"output", json::array{std::move(message)}},
            {"usage", json::object{{"input_tokens", tokens.input},
                                   {"input_tokens_details", json::object{{"cached_tokens", 0}}},
                                   {"output_tokens", tokens.output},
                                   {"output_tokens_details", json::object{{"reasoning_tokens", 0}}},
                                   {"total_tokens", tokens.input + tokens.output}}}};
}

json::object embedding_body(const InputRow& row, Tokens tokens) {
    json::array data;
    for (std::uint64_t index = 0; index < row.inputs; ++index) {
        json::array vector;
        for (std::uint64_t i = 0; i < row.dimensions; ++i)
            vector.push_back(seeded_share(index * row.dimensions + i, row.text) * 2 - 1);
        data.push_back(
            json::object{{"object", "embedding"}, {"index", index}, {"embedding", std::move(vector)}});
    }
    return {{"object", "list"},
            {"data", std::move(data)},
            {"model", row.model},
            {"usage", json::object{{"prompt_tokens", tokens.input}, {"total_tokens", tokens.input}}}};
}

json::object moderation_body(const InputRow& row) {
    json::object result{
        {"flagged", false}, {"categories", json::object()}, {"category_scores", json::object()}};
    return {
        {"id", "modr-" + random_hex(24)}, {"model", row.model}, {"results", json::array{std::move(result)}}};
}

}  // namespace

std::string summary(std::string_view text) {
    unsigned words = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const bool space = std::isspace(static_cast<unsigned char>(text[end])) != 0;
        if (space && end > 0 && std::isspace(static_cast<unsigned char>(text[end - 1])) == 0 &&
            ++words == kSummaryWords)
            break;
        ++end;
    }
    return std::string(text.substr(0, end));
}

AnswerBody answer(const InputRow& row, const AnswerContext& context) {
    const std::string text = padded(summary(row.text), context.text_bytes_min);
    const std::int64_t created = unix_seconds(context.now);
    Tokens tokens = count_tokens(row, text);
    if (context.endpoint == "/v1/chat/completions")
        return {json::serialize(chat_body(row, text, tokens, created)), tokens};
    if (context.endpoint == "/v1/responses")
        return {json::serialize(response_body(row, text, tokens, created)), tokens};
    if (context.endpoint == "/v1/completions")
        return {json::serialize(completion_body(row, text, tokens, created)), tokens};
    tokens.output = 0;
    if (context.endpoint == "/v1/embeddings") return {json::serialize(embedding_body(row, tokens)), tokens};
    if (context.endpoint == "/v1/moderations") return {json::serialize(moderation_body(row)), tokens};
    // Images and videos: the shape that they share.
    return {json::serialize(json::object{{"created", created},
                                         {"data", json::array{json::object{{"revised_prompt", text}}}}}),
            tokens};
}

json::object error_answer(const InputRow& row, unsigned status) {
    ApiError error{.status = status,
                   .message = "The server had an error while processing your request.",
                   .param = "",
                   .code = "",
                   .type = "server_error"};
    if (status == 429)
        error = {
            .status = status,
            .message = "You've exceeded the 1000 request/min rate limit, please slow down and try again.",
            .param = "",
            .code = "rate_limit_exceeded",
            .type = "requests"};
    else if (status < 500)
        error = {.status = status,
                 .message = row.bad_param.empty() ? "Invalid request."
                                                  : "Invalid value for '" + row.bad_param + "'.",
                 .param = row.bad_param,
                 .code = "invalid_value"};
    return to_json(error, Envelope::plain);
}

}  // namespace batchd::sim
