#pragma once

#include "torture/campaign.hpp"
#include "torture/options.hpp"

/// The kinds of torture. Each prints one line with its figures and answers whether nothing was found.
namespace batchd::torture {

bool torture_by_kill(const Options& options);
bool torture_by_error(const Options& options);
bool torture_by_power_cut(const Options& options);
bool torture_by_restore(const Options& options);
bool torture_notices_by_kill(const Options& options);
bool torture_hooks_by_kill(const Options& options);
bool torture_by_random_history(const Options& options);
bool soak(const Options& options);

}  // namespace batchd::torture
