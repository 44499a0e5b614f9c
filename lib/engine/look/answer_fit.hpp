#pragma once

#include <cstdint>
#include <string>

#include "provider/provider.hpp"

/// Whether what the provider shows is what we made, or somebody else's: a cache, a gateway or a bug may
/// answer one's question with another's object. Pure.
namespace batchd::engine {

enum class Fit {
    ours,     ///< it bears our mark, or is made of our file
    foreign,  ///< it bears another mark, or what it says of itself can't be true of ours
    unclear,  ///< it shows nothing to tell it by
};

/// Our mark on the batch, or that of another daemon; null where it shows none.
const std::string* find_mark(const provider::BatchObject& batch);

/// What a create asked for.
struct AskedBatch {
    std::string key;            ///< our mark, metadata.batchd_key
    std::string input_file_id;  ///< "" where it is not known
    std::string endpoint;       ///< "" where it is not known
};
/// By the mark where there is one; else another endpoint speaks against it, and the same file for it.
Fit fit_of(const provider::BatchObject& batch, const AskedBatch& asked);

/// What an upload sent.
struct SentFile {
    std::string filename;  ///< carries our mark
    std::uint64_t size_bytes = 0;
};
/// By size first, where the provider says one: a file of another length can't be ours under any name.
Fit fit_of(const provider::FileObject& file, const SentFile& sent);

}  // namespace batchd::engine
