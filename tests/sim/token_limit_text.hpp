#pragma once

#include <cstdint>
#include <string>

#include "base/units.hpp"
#include "sim/azure_texts.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// Why a batch has no room among the enqueued tokens of its model.
inline std::string token_limit_text(const Settings& settings, const std::string& model, std::uint64_t limit) {
    if (settings.texts == "azure") return azure_texts::token_limit(model, limit);
    return "Enqueued token limit reached for " + model +
           " in organization org-simulation. Limit: " + with_commas(limit) +
           " enqueued tokens. Please try again once some in_progress batches have been completed.";
}

}  // namespace batchd::sim
