#include "provider/direct/wire/answer_shape.hpp"

#include <algorithm>
#include <array>

#include <simdjson.h>

#include "base/text/letter_case.hpp"
#include "jsonl/json_stand_in.hpp"

namespace batchd::provider::direct {
namespace {

namespace dom = simdjson::dom;

/// A parser that has grown beyond is not kept for those that follow.
constexpr std::size_t kKeptBytesMax = 1024 * 1024;

/// What an answer of an endpoint cannot lack.
struct EndpointKind {
    std::string_view url_end;
    std::string_view key;
};
// By the end of the url, for the version before it differs from service to service.
constexpr std::array<EndpointKind, 7> kEndpointKinds = {{{"/completions", "choices"},
                                                         {"/responses", "output"},
                                                         {"/embeddings", "data"},
                                                         {"/moderations", "results"},
                                                         {"/images/generations", "data"},
                                                         {"/images/edits", "data"},
                                                         {"/score", "data"}}};

std::optional<std::string_view> key_of(std::string_view url) {
    url = url.substr(0, url.find('?'));
    for (const EndpointKind& kind : kEndpointKinds)
        if (url.ends_with(kind.url_end)) return kind.key;
    return {};
}

std::optional<std::uint64_t> count_at(const dom::object& usage, std::string_view key) {
    std::uint64_t count = 0;
    if (usage[key].get(count) != simdjson::SUCCESS) return {};
    return count;
}

std::optional<std::uint64_t> tokens_of(const dom::object& answer) {
    dom::object usage;
    if (answer["usage"].get(usage) != simdjson::SUCCESS) return {};
    // What chat completions count as a sum, the Responses API counts in two.
    if (const auto total = count_at(usage, "total_tokens")) return total;
    const auto in = count_at(usage, "input_tokens");
    const auto out = count_at(usage, "output_tokens");
    if (!in && !out) return {};
    return in.value_or(0) + out.value_or(0);
}

/// True when an error says anything: null, "", "None", {} and an object of such say nothing, as in the lines
/// of a batch (see jsonl::ResultParser).
bool says_anything(const dom::element& error, bool is_member = false) {
    std::string_view text;
    if (error.get(text) == simdjson::SUCCESS)
        return !text.empty() && !(text.size() == 4 && (says(text, "none") || says(text, "null")));
    dom::object object;
    if (error.get(object) == simdjson::SUCCESS && !is_member)
        return std::any_of(object.begin(), object.end(),
                           [](const auto& field) { return says_anything(field.value, true); });
    if (error.get(object) == simdjson::SUCCESS) return object.size() > 0;
    dom::array list;
    if (error.get(list) == simdjson::SUCCESS) return list.size() > 0;
    bool flag = false;
    if (error.get(flag) == simdjson::SUCCESS) return flag;
    double number = 0;
    return error.get(number) == simdjson::SUCCESS && number != 0;
}

bool has_error(const dom::object& answer) {
    dom::element error;
    if (answer["error"].get(error) == simdjson::SUCCESS) return says_anything(error);
    std::string_view word;
    return answer["object"].get(word) == simdjson::SUCCESS && word == "error";
}

bool may_be_object(std::string_view body) {
    const std::size_t begin = body.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && body[begin] == '{';
}

AnswerShape::Kind kind_of_object(std::string_view url, const dom::object& answer) {
    using Kind = AnswerShape::Kind;
    if (has_error(answer)) return Kind::error;
    std::string_view status;
    const bool is_response = url.ends_with("/responses") && answer["status"].get(status) == simdjson::SUCCESS;
    if (is_response && (status == "queued" || status == "in_progress")) return Kind::unfinished;
    if (is_response && status == "failed") return Kind::error;
    const auto key = key_of(url);
    dom::array list;
    if (key && answer[*key].get(list) != simdjson::SUCCESS) return Kind::other;
    return Kind::answer;
}

}  // namespace

struct ShapeReader::Impl {
    std::unique_ptr<dom::parser> parser = std::make_unique<dom::parser>();
};

ShapeReader::ShapeReader() : impl_(std::make_unique<Impl>()) {}

ShapeReader::~ShapeReader() = default;

AnswerShape ShapeReader::read(std::string_view url, std::string_view body) {
    AnswerShape shape;
    dom::element root;
    auto code = impl_->parser->parse(body.data(), body.size(), true).get(root);
    // JSON that the standard allows and simdjson can't hold (half of a surrogate pair, where a generation was
    // cut off in the middle of a sign; a number beyond a double) is an answer like any other.
    std::string stand_in;
    if (code != simdjson::SUCCESS && may_be_object(body)) {
        stand_in = jsonl::json_stand_in(body);
        code = impl_->parser->parse(stand_in.data(), stand_in.size(), false).get(root);
    }
    if (code == simdjson::SUCCESS) {
        shape.kind = AnswerShape::Kind::other;
        dom::object object;
        if (root.get(object) == simdjson::SUCCESS) {
            shape.kind = kind_of_object(url, object);
            shape.tokens = tokens_of(object);
        }
    }
    if (body.size() > kKeptBytesMax) impl_->parser = std::make_unique<dom::parser>();
    return shape;
}

}  // namespace batchd::provider::direct
