#pragma once

#include <string_view>

namespace batchd::jsonl {

/// Whether an error says that the account can't pay, which nothing mends before somebody has acted: by its
/// code or its type, in any case. Source: https://platform.openai.com/docs/guides/error-codes; others have
/// taken these words over. Pure.
bool names_no_money(std::string_view code, std::string_view type);

/// As names_no_money(), or in words; a quota that is there again in a moment, as a text says, is a limit.
bool says_no_money(std::string_view code, std::string_view type, std::string_view message);

}  // namespace batchd::jsonl
