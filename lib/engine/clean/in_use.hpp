#pragma once

#include "provider/provider.hpp"

namespace batchd::engine {

/// A file that can't be deleted now and can be later: on our own disk it is in use for a while, and nobody
/// else would ever remove it. Of any other provider a conflict is its last word.
inline bool is_in_use(const provider::Provider& provider, const provider::Failure& failure) {
    return failure.kind == provider::FailureKind::conflict && provider.is_on_our_disk();
}

}  // namespace batchd::engine
