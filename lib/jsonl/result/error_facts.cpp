#include "jsonl/result/error_facts.hpp"

#include <algorithm>
#include <array>

#include "base/text/letter_case.hpp"
#include "jsonl/result/loose_values.hpp"

namespace batchd::jsonl {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

namespace {

/// True where both are the same letters: "ServerError" is "server_error", "server-error" and "Server error".
bool is_same_word(std::string_view text, std::string_view letters) {
    std::size_t at = 0;
    for (const char c : text) {
        if (c == '_' || c == '-' || c == ' ') continue;
        if (at == letters.size() || to_lower(c) != letters[at++]) return false;
    }
    return at == letters.size();
}

/// Of a list, the first that says anything.
simdjson::error_code read_errors(ondemand::value errors, ErrorFacts& facts) {
    ondemand::array list;
    if (const auto ec = errors.get_array().get(list)) return ec;
    for (auto element : list) {
        ondemand::value error;
        if (const auto ec = element.get(error)) return ec;
        if (facts.said) continue;
        if (const auto ec = read_error(error, facts)) return ec;
    }
    return SUCCESS;
}

}  // namespace

bool is_retryable(std::uint64_t status_code) {
    return status_code == 0 || status_code == 408 || status_code == 409 || status_code == 425 ||
           status_code == 429 || (status_code >= 500 && status_code <= 599);
}

bool names_passing_fault(std::string_view code) {
    static constexpr std::array<std::string_view, 30> kCodes = {
        "servererror",      "internalerror",      "internalservererror",
        "internal",         "apierror",           "ratelimitexceeded",
        "ratelimiterror",   "ratelimited",        "ratelimit",
        "ratelimitreached", "toomanyrequests",    "resourceexhausted",
        "timeout",          "timeouterror",       "requesttimeout",
        "gatewaytimeout",   "deadlineexceeded",   "overloaded",
        "overloadederror",  "serveroverloaded",   "engineoverloaded",
        "unavailable",      "serviceunavailable", "serverunavailable",
        "badgateway",       "connectionerror",    "capacityexceeded",
        "internalfailure",  "upstreamerror",      "temporarilyunavailable"};
    if (const auto status = number_in(code.substr(0, code.find(' '))))
        return *status != 0 && is_retryable(*status);
    return std::any_of(kCodes.begin(), kCodes.end(),
                       [code](std::string_view letters) { return is_same_word(code, letters); });
}

simdjson::error_code read_error(ondemand::value error, ErrorFacts& facts) {
    ondemand::json_type type;
    if (const auto ec = error.type().get(type)) return ec;
    if (type == ondemand::json_type::array) return read_errors(error, facts);
    if (type == ondemand::json_type::number) {  // a status by itself
        const auto ec = read_word(error, facts.code);
        facts.said = facts.code != "0";
        if (!facts.said) facts.code = {};
        return ec;
    }
    if (type == ondemand::json_type::string) {
        // A language's word for nothing that was made a text says nothing either.
        facts.said = error.get_string().get(facts.message) == SUCCESS && !facts.message.empty() &&
                     !is_word(facts.message, "none") && !is_word(facts.message, "null");
        if (names_passing_fault(facts.message)) facts.code = facts.message;  // one word: it is the code
        return SUCCESS;
    }
    if (type != ondemand::json_type::object) return says_anything(error, facts.said);
    std::string_view status;
    const auto ec = each_field_of(error, [&](std::string_view key, ondemand::value value) {
        if (key == "param") static_cast<void>(read_word(value, facts.param));
        if (key == "status") static_cast<void>(read_word(value, status));
        if (key == "status" && !status.empty()) return SUCCESS;
        if (key != "code" && key != "type") {
            // Half a surrogate pair in a text for people makes no row unreadable.
            if (key == "message") static_cast<void>(read_word(value, facts.message));
            return key == "message" || key == "param" ? SUCCESS : says_anything(value, facts.said);
        }
        std::string_view& word = key == "code" ? facts.code : facts.type;
        return read_word(value, word);
    });
    if (facts.code.empty() && facts.type.empty() && status != "0") facts.code = status;
    facts.said = facts.said || !facts.param.empty() || !facts.code.empty() || !facts.type.empty() ||
                 !facts.message.empty();
    return ec;
}

}  // namespace batchd::jsonl
