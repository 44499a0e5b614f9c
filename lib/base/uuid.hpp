#pragma once

#include <string>

namespace batchd {

/// A random (version 4) UUID, "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx": the key of a job.
/// From the system's random source, so that two machines on one account never share one.
std::string random_key();

}  // namespace batchd
