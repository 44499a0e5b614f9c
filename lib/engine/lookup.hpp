#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engine/listing.hpp"
#include "provider/provider.hpp"
#include "store/batches.hpp"

/// How an upload or a create whose answer never came is recognised in the provider's listings. Pure.
namespace batchd::engine {

/// No listing that we look through is longer: 100,000 batches.
inline constexpr unsigned kLookPagesMax = 1000;

/// Where a listing does not say when something was made, it is not known to be old, and ends no search.
bool is_before(TimePoint created_at, TimePoint not_before);

/// The name under which a batch's file is uploaded: it carries our random key.
std::string remote_name(const store::Batch& batch);

struct FileMark {
    std::string filename;  ///< carries our random key
    std::uint64_t size_bytes = 0;
    TimePoint not_before{};  ///< as LookBack says for the item at hand
};

/// Sets `found` when `file` is the one. Enough once it is found, or once the files are from before the
/// attempt.
Visit look_at_file(const FileMark& mark, const provider::FileObject& file,
                   std::optional<provider::FileObject>& found);

enum class OnRecord { no, yes };

/// Looks for the batches that one create may have made: ours by the key in their metadata, or by the input
/// file, which no other batch uses but earlier attempts that were refused; those are on record.
struct BatchSearch {
    std::string key;
    std::string input_file_id;  ///< "" where it is not known
    TimePoint not_before{};     ///< as LookBack says for the item at hand
    std::string endpoint;
    std::vector<provider::BatchObject> found{};  ///< newest first
    /// Shown without mark and input file: nobody can tell whether these are ours.
    std::vector<std::string> nameless{};

    /// Goes on after a find: there may be a twin.
    Visit look_at(const provider::BatchObject& batch, OnRecord on_record);
    /// Removes from `found` the one to adopt: the one that is furthest along, of equals the one that was made
    /// first. Only when found is not empty.
    provider::BatchObject take_furthest();
    std::vector<std::string> ids() const;
};

}  // namespace batchd::engine
