#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/layout.hpp"

/// work/KEY/bundle.json: whose requests are in a bundle, for the day on which the database is lost. It is
/// there before the database knows of the bundle, and never changes. lib/FORMATS.md has its keys. Blocking;
/// for the pool.
namespace batchd::engine {

/// The rows of one job in a bundle. They are numbered through, from 1, in the order of the members.
struct BundleMember {
    std::string job_key;
    std::uint64_t shard = 1;  ///< of the job
    std::uint64_t requests = 0;

    friend bool operator==(const BundleMember&, const BundleMember&) = default;
};

struct BundleFile {
    /// By its name in the configuration, as in `batches.provider`.
    std::string provider;
    std::string endpoint;
    std::string model;
    /// Of all members together; 0 where it is made again from what was sent, and nobody knows.
    std::uint64_t estimated_tokens = 0;
    std::vector<BundleMember> members;

    friend bool operator==(const BundleFile&, const BundleFile&) = default;
};

/// Durable when it returns. Errors: errno.
Result<void> write_bundle_file(const Path& path, const BundleFile& bundle);
/// Errors: errno; not_found when it is not there; corrupt when it is not as it was written.
Result<BundleFile> read_bundle_file(const Path& path);

/// What the prepared file of a bundle came to: the rows of all members, and the bytes of the upload.
struct BundleText {
    std::uint64_t requests = 0;
    std::uint64_t size_bytes = 0;
    /// Of the members, one whose file is gone or not as it was written: without it the others can go.
    std::optional<std::size_t> unreadable{};
};
/// Makes the folder of a bundle: bundle.json, and the prepared file of its first attempt, in which the
/// members' prepared lines stand one behind the other under ids of ours. All of it is durable when it
/// returns, unless a member is unreadable: then it is to be removed. Errors: errno.
Result<BundleText> write_bundle(const spool::Layout& layout, const std::string& bundle_key,
                                const BundleFile& bundle);

}  // namespace batchd::engine
