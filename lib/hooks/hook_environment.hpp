#pragma once

#include <string>
#include <vector>

#include "hooks/notice_page.hpp"

namespace batchd::hooks {

/// What a command finds in its environment, "NAME=value": BATCHD_EVENT, BATCHD_TEXT, and of a job BATCHD_JOB
/// (its number), BATCHD_NAME, BATCHD_QUEUE, BATCHD_STATE, BATCHD_REASON, BATCHD_FOLDER, BATCHD_REQUESTS,
/// BATCHD_SUCCEEDED, BATCHD_FAILED, BATCHD_INPUT_TOKENS, BATCHD_OUTPUT_TOKENS. What is not known is empty.
std::vector<std::string> hook_environment(const HookNotice& notice);

}  // namespace batchd::hooks
