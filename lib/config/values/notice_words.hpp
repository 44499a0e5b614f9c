#pragma once

#include <array>
#include <string_view>

namespace batchd::config {

/// What people may want to be told: the types of the table `notices`, but for "test".
inline constexpr std::array<std::string_view, 10> kNoticeWords{
    "done",     "failed",  "rejected",        "cancelled",     "held",
    "released", "overdue", "provider_closed", "provider_open", "budget"};

}  // namespace batchd::config
