#include "hooks/hook_environment.hpp"

#include <algorithm>
#include <array>

#include <boost/json/serialize.hpp>

namespace batchd::hooks {
namespace {

namespace json = boost::json;

struct Variable {
    const char* name;
    const char* member;  ///< of the job
};

// Each is always there, for a script with `set -u` ends at one that is missing.
constexpr std::array kVariables{Variable{"BATCHD_JOB", "id"},
                                Variable{"BATCHD_NAME", "name"},
                                Variable{"BATCHD_QUEUE", "queue"},
                                Variable{"BATCHD_STATE", "state"},
                                Variable{"BATCHD_REASON", "reason"},
                                Variable{"BATCHD_FOLDER", "folder"},
                                Variable{"BATCHD_REQUESTS", "requests"},
                                Variable{"BATCHD_SUCCEEDED", "succeeded"},
                                Variable{"BATCHD_FAILED", "failed"},
                                Variable{"BATCHD_INPUT_TOKENS", "input_tokens"},
                                Variable{"BATCHD_OUTPUT_TOKENS", "output_tokens"}};

std::string text_of(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return {};
    std::string text = value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    // A NUL would end the variable, and nothing of ours holds one.
    std::erase(text, '\0');
    return text;
}

}  // namespace

std::vector<std::string> hook_environment(const HookNotice& notice) {
    std::vector<std::string> variables{"BATCHD_EVENT=" + notice.type,
                                       "BATCHD_TEXT=" + text_of(notice.event, "text")};
    const auto* const member = notice.event.if_contains("job");
    const auto* const job = member == nullptr ? nullptr : member->if_object();
    for (const Variable& variable : kVariables)
        variables.push_back(std::string(variable.name) + "=" +
                            (job == nullptr ? "" : text_of(*job, variable.member)));
    return variables;
}

}  // namespace batchd::hooks
