#include "engine/plan/request_warnings.hpp"

#include <algorithm>
#include <array>

#include "base/text/edit_distance.hpp"
#include "config/effective.hpp"
#include "jsonl/quote.hpp"

namespace batchd::engine {
namespace {

constexpr std::size_t kWarningsMax = 100;

/// An endpoint with batches, and the key that its bodies need.
struct Endpoint {
    std::string_view path;
    std::string_view key;
};

// Source: https://platform.openai.com/docs/api-reference/batch/create
constexpr std::array kEndpoints{
    Endpoint{"/v1/chat/completions", "messages"}, Endpoint{"/v1/responses", "input"},
    Endpoint{"/v1/embeddings", "input"},          Endpoint{"/v1/completions", "prompt"},
    Endpoint{"/v1/moderations", "input"},         Endpoint{"/v1/images/generations", "prompt"},
    Endpoint{"/v1/images/edits", "prompt"},       Endpoint{"/v1/videos", "prompt"},
};

const Endpoint* find_endpoint(std::string_view path) {
    const auto found = std::find_if(kEndpoints.begin(), kEndpoints.end(),
                                    [&](const Endpoint& endpoint) { return endpoint.path == path; });
    return found == kEndpoints.end() ? nullptr : &*found;
}

std::string_view nearest(std::string_view path) {
    // The distance takes the product of both lengths, and a url may be as long as a line.
    path = path.substr(0, 200);
    return std::min_element(kEndpoints.begin(), kEndpoints.end(),
                            [&](const Endpoint& a, const Endpoint& b) {
                                return edit_distance(path, a.path) < edit_distance(path, b.path);
                            })
        ->path;
}

bool has(const jsonl::Remarks& remarks, std::string_view key) {
    return key == "messages" ? remarks.messages : key == "input" ? remarks.input : remarks.prompt;
}

/// Where a body with what this one has would be right.
std::string better_for(const jsonl::Remarks& remarks) {
    if (remarks.messages) return R"(; with "messages" it is one for /v1/chat/completions)";
    if (remarks.input)
        return R"(; with "input" it is one for /v1/responses, /v1/embeddings or /v1/moderations)";
    return remarks.prompt ? R"(; with "prompt" it is one for /v1/completions)" : "";
}

}  // namespace

Endpoints endpoints_of(const config::Settings& settings, const Terms& terms) {
    const config::Provider* const provider = config::find_provider(settings, terms.provider);
    const bool is_direct = provider != nullptr && provider->kind == config::Kind::direct;
    return is_direct || !terms.line_urls.empty() ? Endpoints::its_own : Endpoints::as_openai;
}

std::string endpoint_warning(std::string_view endpoint, Endpoints whose) {
    if (find_endpoint(endpoint) != nullptr) return {};
    const std::string shown = jsonl::json_string(jsonl::excerpt(endpoint));
    std::string_view without_slash = endpoint;
    while (without_slash.ends_with('/')) without_slash.remove_suffix(1);
    if (find_endpoint(without_slash) != nullptr)
        return "the url " + shown + " ends with a slash: " + std::string(without_slash) + " is meant";
    const std::string with_version = "/v1" + std::string(without_slash);
    if (find_endpoint(with_version) != nullptr)
        return "the url " + shown + " is without its version: " + with_version + " is meant";
    if (whose == Endpoints::its_own) return {};
    return "the url " + shown + " is none that OpenAI has batches for; the nearest is " +
           std::string(nearest(endpoint));
}

std::string body_warning(std::string_view endpoint, const jsonl::Remarks& remarks) {
    const Endpoint* const known = find_endpoint(endpoint);
    if (known == nullptr || has(remarks, known->key)) return {};
    if (endpoint == "/v1/responses" && remarks.prompt) return {};  // a stored prompt
    return "the body has no \"" + std::string(known->key) + "\", which " + std::string(endpoint) + " needs" +
           better_for(remarks);
}

void RequestWarnings::look_at(std::uint64_t line_number, const jsonl::Request& request) {
    // Nearly all lines of a file have the same, and the nearest of all endpoints is not looked for a million
    // times.
    if (request.url != endpoint_) {
        endpoint_ = request.url;
        about_endpoint_ = endpoint_warning(request.url, whose_);
    }
    const jsonl::Remarks& remarks = request.remarks;
    if (!about_endpoint_.empty()) add(line_number, about_endpoint_);
    if (auto about_body = body_warning(request.url, remarks); !about_body.empty())
        add(line_number, std::move(about_body));
    if (!remarks.lone_surrogate.empty())
        add(line_number, std::string(remarks.lone_surrogate) +
                             " is half of a character (a lone surrogate): it is sent as it is, and the "
                             "provider may refuse or replace it");
    if (!remarks.like_an_id.empty())
        add(line_number, "\"custom_id\" is missing: is \"" + std::string(remarks.like_an_id) +
                             "\" meant? As it is, the answer comes back as line-N, N the number of the line");
    if (remarks.other_model)
        add(line_number, "another model stands beside the body: the one in the body is used");
    if (!remarks.not_sent.empty())
        add(line_number, '"' + std::string(remarks.not_sent) +
                             "\" stands beside the body and is not sent: it belongs into \"body\"");
}

void RequestWarnings::add(std::uint64_t line_number, std::string what) {
    const auto found = found_.find(what);
    if (found != found_.end()) {
        ++found->second.lines;
    } else if (found_.size() < kWarningsMax) {
        Warning warning{line_number, 1, what};
        found_.emplace(std::move(what), std::move(warning));
    }
}

std::vector<Warning> RequestWarnings::take() {
    std::vector<Warning> warnings;
    for (auto& [what, warning] : found_) warnings.push_back(std::move(warning));
    std::sort(warnings.begin(), warnings.end(),
              [](const Warning& a, const Warning& b) { return a.line_number < b.line_number; });
    found_.clear();
    return warnings;
}

}  // namespace batchd::engine
