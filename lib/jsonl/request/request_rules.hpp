#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace batchd::jsonl {

/// What a request gets where its line does not say it, and what is sent for what it says.
struct RequestDefaults {
    std::string endpoint;
    std::string model;  ///< empty: there is none, and every line must name its own
    std::string
        body{};  ///< a JSON object, whose members go into each body that has none of that name; "": none
    std::map<std::string, std::string, std::less<>> models{};     ///< what users write, and what is sent
    std::map<std::string, std::string, std::less<>> line_urls{};  ///< beginnings of urls; the longest counts

    /// False: bodies are sent as they stand, and need not be copied.
    bool changes_bodies() const { return !body.empty() || !models.empty(); }
};

/// What is sent for `model`. `model` itself where the rules have no other name for it. A view of one or the
/// other.
std::string_view sent_model(const RequestDefaults& rules, std::string_view model);
/// What is sent for `url`.
std::string sent_url(const RequestDefaults& rules, std::string_view url);

/// The body as it is sent: another model where the rules have one for it, and the default members behind its
/// own. All else stays as it stands, byte for byte. `body`: a valid JSON object.
std::string sent_body(const RequestDefaults& rules, std::string_view body);

}  // namespace batchd::jsonl
