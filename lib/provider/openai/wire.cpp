#include "provider/openai/wire.hpp"

#include <algorithm>

#include "base/text/letter_case.hpp"

namespace batchd::provider {
namespace {

http::Header key_header(const std::string& name, const std::string& key) {
    // Azure's `api-key`, Anthropic's `x-api-key` and their likes bear the key alone.
    return {name, is_word(name, "authorization") ? "Bearer " + key : key};
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

Result<Wire> Wire::make(const config::Provider& settings) {
    auto base = http::parse_url(settings.base_url);
    if (!base) return within("provider.base_url", base.error());
    // A query of the address would stand in the middle of every path; provider.query is where it belongs.
    if (base->target.find('?') != std::string::npos)
        return error(Errc::bad_input, "provider.base_url must not have a query: " + settings.base_url);
    Wire wire;
    wire.origin_ = std::move(base->origin);
    wire.prefix_ = std::move(base->target);
    while (wire.prefix_.ends_with('/')) wire.prefix_.pop_back();
    wire.organization_ = settings.organization;
    wire.project_ = settings.project;
    wire.dialect_ = settings.dialect;
    return wire;
}

http::Request Wire::request(http::Method method, std::string_view path, const std::string& key) const {
    http::Request request;
    request.method = method;
    request.target = prefix_ + std::string(path);
    // On every call, as Azure's old form wants its api-version.
    if (!dialect_.query.empty())
        request.target += (path.find('?') == std::string_view::npos ? "?" : "&") + dialect_.query;
    request.headers.push_back({"Accept", "application/json"});
    if (!key.empty()) request.headers.push_back(key_header(dialect_.auth_header, key));
    if (!organization_.empty()) request.headers.push_back({"OpenAI-Organization", organization_});
    if (!project_.empty()) request.headers.push_back({"OpenAI-Project", project_});
    return request;
}

http::Form Wire::upload(http::OpenContent content, std::string filename) const {
    http::Form form;
    form.fields.push_back({"purpose", dialect_.purpose});
    if (!dialect_.filename_field.empty()) form.fields.push_back({dialect_.filename_field, filename});
    if (dialect_.file_expiry) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*dialect_.file_expiry);
        // Source: https://platform.openai.com/docs/api-reference/files/create
        form.fields.push_back({"expires_after[anchor]", "created_at"});
        form.fields.push_back({"expires_after[seconds]", std::to_string(seconds.count())});
    }
    form.file_field = "file";
    form.filename = std::move(filename);
    form.open = std::move(content);
    return form;
}

std::string Wire::files_path() const {
    return "/files?purpose=" + http::percent_encode(dialect_.purpose) + "&";
}

NewBatch Wire::to_create(NewBatch batch) const {
    if (!dialect_.create_endpoint.empty()) batch.endpoint = dialect_.create_endpoint;
    if (!dialect_.send_window) batch.completion_window.clear();
    // Without metadata a batch is known by its input file, whose name bears our mark.
    if (!dialect_.metadata) batch.metadata.clear();
    return batch;
}

std::string Wire::objection_to(const NewBatch& batch) const {
    const auto& windows = dialect_.windows;
    // A service that is not told the window, or whose windows nobody has named, is left to refuse it itself.
    if (!dialect_.send_window || windows.empty()) return {};
    if (std::find(windows.begin(), windows.end(), batch.completion_window) != windows.end()) return {};
    return "the provider has no completion window \"" + batch.completion_window + "\", but " +
           listed(windows) + ": set batch.completion_window";
}

}  // namespace batchd::provider
