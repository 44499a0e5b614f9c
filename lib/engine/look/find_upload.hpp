#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

namespace batchd::engine {

/// Looks through the provider's list of files for what an upload of this batch made: a file of its name and
/// size. Nothing: the list was seen as far back as the attempt can be, and shows none.
boost::asio::awaitable<provider::Answer<std::optional<provider::FileObject>>> find_upload(
    provider::Provider& provider, store::Batch batch, TimePoint now);

}  // namespace batchd::engine
