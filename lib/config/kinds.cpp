#include "config/settings.hpp"

namespace batchd::config {
namespace {

using namespace std::chrono_literals;

/// Azure's v1 form. Its old one is the same with another address and a query. A batch has to name an endpoint
/// that the service does not go by, and a file must have been looked through before a batch can be made of
/// it. Input files without an expiry count against a small quota. The resource, which is the address, owns
/// the batches; a token for it is another one every hour. Source:
/// https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch
Provider azure() {
    Provider provider;
    provider.kind = Kind::azure;
    provider.base_url.clear();  // each resource has its own
    provider.max_requests = 100'000;
    provider.dialect.auth_header = "api-key";
    provider.dialect.key_names_account = false;
    provider.dialect.create_endpoint = "/chat/completions";
    provider.dialect.wait_for_processed = true;
    provider.dialect.windows = {"24h"};
    provider.dialect.file_expiry = 14 * 24h;
    return provider;
}

/// A server that answers one request at a time. A long answer comes after minutes of silence, and what is
/// kept of a run is on this disk.
Provider direct() {
    Provider provider;
    provider.kind = Kind::direct;
    provider.base_url.clear();  // everybody has their own
    provider.timeout = 15min;
    provider.list_lag = 0ms;
    provider.delete_files = true;
    return provider;
}

Provider at(Kind kind, std::string base_url) {
    Provider provider;
    provider.kind = kind;
    provider.base_url = std::move(base_url);
    return provider;
}

}  // namespace

Provider defaults_of(Kind kind) {
    switch (kind) {
        case Kind::azure:
            return azure();
        case Kind::mistral:
            return at(kind, "https://api.mistral.ai/v1");
        case Kind::gemini:
            return at(kind, "https://generativelanguage.googleapis.com/v1beta");
        case Kind::anthropic:
            return at(kind, "https://api.anthropic.com/v1");
        case Kind::direct:
            return direct();
        case Kind::openai:
            break;
    }
    return {};
}

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::openai:
            return "openai";
        case Kind::azure:
            return "azure";
        case Kind::mistral:
            return "mistral";
        case Kind::gemini:
            return "gemini";
        case Kind::anthropic:
            return "anthropic";
        case Kind::direct:
            return "direct";
    }
    return "?";
}

}  // namespace batchd::config
