// How services that speak like OpenAI differ from it, as their documentation and their users tell it
// (2026-11).

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/settings.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kDay = 86'400;

/// The lines say which API they want, whatever the create names; a failed batch bears both files, and a
/// completed one always an error file. Source: learn.microsoft.com, Azure OpenAI in Foundry, "Batch"
json::object azure() {
    const json::array endpoints = {"/chat/completions", "/v1/chat/completions", "/v1/responses"};
    return {{"base_path", "/openai/v1"},
            {"auth", "either"},
            {"texts", "azure"},
            {"ids", "azure"},
            {"create_endpoints", endpoints},
            {"line_urls", endpoints},
            {"rows_max", 100'000},
            {"processing", 5},
            {"file_expiry_min", 14 * kDay},
            {"window_ends", false},
            {"absent_file", "empty_file"},
            {"failed_files", "empty"},
            {"failure_time", "completed_at"},
            {"create_status", 201},
            {"create_endpoint_shown", false}};
}

json::object azure_with_api_version() {
    json::object preset = azure();
    preset["base_path"] = "/openai";
    preset["auth"] = "api-key";
    preset["required_query"] = "api-version";
    preset["list_field"] = "value";
    return preset;
}

/// Source: console.groq.com, "Batch"
json::object groq() {
    return {{"base_path", "/openai/v1"},
            {"create_endpoints", json::array{"/v1/chat/completions"}},
            {"windows", json::array{"24h", "48h", "72h", "96h", "120h", "144h", "7d"}},
            {"file_bytes_max", 100 * kMegabyte}};
}

/// Source: docs.siliconflow.cn, "Batch"
json::object siliconflow() {
    return {{"create_endpoints", json::array{"/v1/chat/completions"}},
            {"windows", json::array{"24h", "48h", "72h", "96h", "120h", "144h", "168h", "336h"}},
            {"rows_max", 5'000},
            {"file_bytes_max", 1'000 * kMegabyte},
            {"status_words", json::object{{"validating", "in_queue"}}}};
}

/// Source: docs.bigmodel.cn, "Batch API"
json::object zhipu() {
    return {{"base_path", "/api/paas/v4"},
            {"create_endpoints", json::array{"/v4/chat/completions", "/v4/embeddings"}},
            {"file_bytes_max", 100 * kMegabyte}};
}

/// Source: platform.kimi.com, "Use the batch API"
json::object kimi() {
    return {{"create_endpoints", json::array{"/v1/chat/completions"}},
            {"windows", json::array{"12h", "1d", "3d", "7d"}},
            {"file_bytes_max", 100 * kMegabyte}};
}

/// It shows no single files, and no list of them.
json::object kluster() {
    return {{"single_files", false},
            {"no_lists", json::array{"files"}},
            {"windows", json::array{"24h", "48h", "72h"}},
            {"metadata", "drop"},
            {"status_words", json::object{{"validating", "pre_schedule"}}}};
}

}  // namespace

const std::map<std::string, json::object>& presets() {
    static const std::map<std::string, json::object> all = {
        {"azure", azure()},    {"azure-api-version", azure_with_api_version()},
        {"groq", groq()},      {"siliconflow", siliconflow()},
        {"zhipu", zhipu()},    {"kimi", kimi()},
        {"kluster", kluster()}};
    return all;
}

}  // namespace batchd::sim
