#pragma once

#include <string>
#include <string_view>

#include "store/told/notices.hpp"

/// A notice in words, for people. Valid UTF-8 in one line.
namespace batchd::notify {

/// "articles failed", "nightly/articles is done", "the provider is closed".
std::string title_of(const store::Notice& notice);

/// "articles failed (job 12): 0 answered, 3 failed: …", at most `length_max` bytes.
std::string line_of(const store::Notice& notice, std::size_t length_max);

}  // namespace batchd::notify
