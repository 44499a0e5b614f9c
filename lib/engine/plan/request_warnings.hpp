#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "engine/terms/terms.hpp"
#include "jsonl/request/request_line.hpp"

/// What a provider will refuse, or take otherwise than it was meant, though batchd would send it. Pure.
namespace batchd::engine {

struct Warning {
    std::uint64_t line_number = 0;  ///< the first line that it is about; 0: the file
    std::uint64_t lines = 1;        ///< how many it is about
    std::string what;               ///< one printable sentence without a full stop
};

/// Which endpoints a provider has.
enum class Endpoints {
    as_openai,  ///< those for which OpenAI has batches
    its_own     ///< nobody knows: it is called directly, or has other urls than OpenAI
};
Endpoints endpoints_of(const config::Settings& settings, const Terms& terms);

/// Collects the warnings about requests, each once.
class RequestWarnings {
public:
    explicit RequestWarnings(Endpoints whose = Endpoints::as_openai) : whose_(whose) {}

    /// Lines in any order; each sentence keeps the first line that it was about.
    void look_at(std::uint64_t line_number, const jsonl::Request& request);
    /// By line, at most 100.
    std::vector<Warning> take();

private:
    void add(std::uint64_t line_number, std::string what);

    Endpoints whose_;
    std::map<std::string, Warning> found_;  // by sentence
    std::string endpoint_;                  // of the request before
    std::string about_endpoint_;
};

/// On the path of an endpoint that is mistyped, or that OpenAI has no batch for, with the one that is
/// nearest;
/// "" where it has. Of a provider with endpoints of its own only what is surely mistyped is said.
/// Source: https://platform.openai.com/docs/api-reference/batch/create
std::string endpoint_warning(std::string_view endpoint, Endpoints whose = Endpoints::as_openai);

/// On a body that is not one for its endpoint; "" where it is, or nothing is known of the endpoint.
std::string body_warning(std::string_view endpoint, const jsonl::Remarks& remarks);

}  // namespace batchd::engine
