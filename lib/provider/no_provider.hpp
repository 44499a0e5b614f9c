#pragma once

#include <memory>
#include <string>

#include "provider/provider.hpp"

namespace batchd::provider {

/// Stands for a provider that the configuration no longer has, while rows of it are left: every call answers
/// that nobody can be reached, and why. Its account has no address, so that what was made elsewhere is held.
std::shared_ptr<Provider> make_no_provider(std::string name);

}  // namespace batchd::provider
