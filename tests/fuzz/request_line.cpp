#include "jsonl/request/request_line.hpp"

#include "fuzz/target.hpp"
#include "jsonl/line_reader.hpp"

namespace batchd::fuzz {

namespace {

using jsonl::RequestParser;

/// What was accepted must come back the same from the line that is sent.
void expect_to_survive(const jsonl::Request& request) {
    std::string prepared;
    jsonl::append_prepared(request, prepared);
    expect(prepared.ends_with('\n') && prepared.find('\n') == prepared.size() - 1, "one line is sent");
    const std::string custom_id(request.custom_id), url(request.url), model(request.model);
    const std::uint64_t inputs = request.inputs;
    expect(!custom_id.empty() && !model.empty() && url.starts_with('/'), "a request is complete");

    const PaddedText sent(std::string_view(prepared).substr(0, prepared.size() - 1));
    RequestParser strict(jsonl::RequestDefaults{});
    const auto again = strict.parse({.text = sent.view(), .number = 1});
    expect(again.has_value(), "what is sent is a request");
    expect(again->custom_id == custom_id && again->url == url && again->model == model &&
               again->inputs == inputs,
           "what is sent is the same request");
    expect(jsonl::prepared_custom_id(sent.view()) == custom_id, "the id of what is sent is found");
}

}  // namespace

void request_line(std::string_view input) {
    static RequestParser parser({.endpoint = "/v1/chat/completions", .model = "gpt-4o-mini"});
    const std::string_view text = input.substr(0, input.find('\n'));
    if (jsonl::is_blank(text)) return;
    const PaddedText line(text);
    const auto request = parser.parse({.text = line.view(), .number = 17});
    if (request)
        expect_to_survive(*request);
    else
        expect(!request.error().what.empty(), "a bad line is told what is wrong");
}

}  // namespace batchd::fuzz
