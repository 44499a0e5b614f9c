#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engine/look/listing.hpp"
#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

/// How an upload or a create whose answer never came is recognised in the provider's listings. Pure.
namespace batchd::engine {

/// No listing that we look through is longer: 100,000 batches.
inline constexpr unsigned kLookPagesMax = 1000;

/// True when the provider says that it has no such listing, or will not show it: not a failure that passes.
bool says_that_there_is_no_listing(const provider::Failure& failure);

/// Where a listing does not say when something was made, it is not known to be old, and ends no search.
bool is_before(TimePoint created_at, TimePoint not_before);

/// The name under which a batch's file is uploaded: it carries our mark.
std::string remote_name(const store::Batch& batch);

struct FileMark {
    std::string filename;  ///< carries our mark
    std::uint64_t size_bytes = 0;
    TimePoint not_before{};  ///< as LookBack says for the item at hand
};

/// Sets `found` when `file` is the one. Enough once it is found, or once the files are from before the
/// attempt.
Visit look_at_file(const FileMark& mark, const provider::FileObject& file,
                   std::optional<provider::FileObject>& found);

/// Of the batches that one create may have made, which one is taken.
struct BatchSearch {
    std::vector<provider::BatchObject> found{};  ///< newest first

    /// Removes from `found` the one to adopt: the one that is furthest along, of equals the one that was made
    /// first. Only when found is not empty.
    provider::BatchObject take_furthest();
    std::vector<std::string> ids() const;
};

}  // namespace batchd::engine
