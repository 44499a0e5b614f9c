#include "provider/direct/wire/answer_shape.hpp"

#include <array>

#include <simdjson.h>

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
    if (const auto total = count_at(usage, "total_tokens")) return total;
    const auto in = count_at(usage, "input_tokens");
    const auto out = count_at(usage, "output_tokens");
    if (!in && !out) return {};
    return in.value_or(0) + out.value_or(0);
}

bool has_error(const dom::object& answer) {
    dom::element error;
    if (answer["error"].get(error) == simdjson::SUCCESS) return !error.is_null();
    std::string_view word;
    return answer["object"].get(word) == simdjson::SUCCESS && word == "error";
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
    const auto code = impl_->parser->parse(body.data(), body.size(), true).get(root);
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
