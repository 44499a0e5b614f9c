#pragma once

#include <vector>

#include "engine/prepare/request_scan.hpp"
#include "engine/prepare/shard_splitter.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

/// Splits the requests of a scan by the terms of their job. The same requests under the same terms are split
/// alike each time.
class RequestSplit {
public:
    explicit RequestSplit(const Terms& terms);

    /// As ShardSplitter::place().
    ShardSplitter::Placement place(const ScannedRequest& scanned);
    /// As ShardSplitter::finish().
    std::vector<Shard> finish() { return splitter_.finish(); }

private:
    ShardSplitter splitter_;
};

}  // namespace batchd::engine
