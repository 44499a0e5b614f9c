#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spool/layout.hpp"

namespace batchd::engine {

/// Our mark on an attempt at the provider (file name and metadata.batchd_key), in the form of a UUID. It
/// follows from the job's random key, so that an attempt is recognised in the provider's listings from what
/// lies in work/ alone, when the database is lost. Source: RFC 9562, version 8.
std::string attempt_key(std::string_view job_key, const spool::ShardAttempt& attempt);

/// The key of the job that sends the failed requests of another one again. It follows from the command, so
/// that a command that is done once more, by an old copy of the state, makes no second job at the provider.
std::string retry_key(std::string_view job_key, std::int64_t command);

/// True for a key that follows from another job's, of whatever kind, false for the random one of a dropped
/// file. Source: RFC 9562, versions 8 and 4.
bool is_made_key(std::string_view job_key);

/// So many bundles of the same jobs can be told apart.
inline constexpr unsigned kBundleNumbersMax = 16;

/// The key of a bundle: it follows from the jobs whose requests are in it, and how many of each, in their
/// order, so that the bundle is recognised from its file at the provider alone. `number` tells those apart
/// that would be the same.
class BundleKey {
public:
    /// The next job in the order of the rows, with so many of its requests.
    void add(std::string_view job_key, std::uint64_t requests);
    /// `number`: below kBundleNumbersMax. In the form of a UUID, as all keys here.
    std::string get(unsigned number) const;

private:
    std::string members_;
};

}  // namespace batchd::engine
