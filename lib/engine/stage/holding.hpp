#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

/// Batches that can't go on by themselves: only time, or a person, can say what became of them.
namespace batchd::engine {

/// True where a batch that was made at `base_url` ("": nobody knows) can't be asked for: calls go to another
/// address now, and what it knows under the same id is not ours.
bool is_elsewhere(std::string_view base_url, const provider::Identity& now);
/// What to put back, by the account's name in the configuration; `now`: where calls go.
std::string why_elsewhere(std::string_view base_url, const provider::Identity& now, std::string_view account);
/// "provider.base_url", or "provider.NAME.base_url" of an account with a name.
std::string base_url_key(std::string_view account);

/// Puts batches on hold and lets them go on, the same way for every stage that meets such a batch.
class Holding {
public:
    Holding(store::Store& store, const Clock& clock, Journal& journal, Wakes& wakes)
        : store_(store), clock_(clock), journal_(journal), wakes_(wakes) {}

    /// Puts the batch on hold: in its row, by a trigger of the schema in `conditions`, and as an event where
    /// it was not held before. Part of the caller's transaction.
    Result<void> hold(const store::Batch& batch, const std::string& why);
    /// It goes on. Fine where it is not held.
    Result<void> release(const store::Batch& batch, const std::string& why);

private:
    /// As an event of the batch's job. Part of the caller's transaction.
    Result<void> say(EventKind kind, const store::Batch& batch, const std::string& why);

    store::Store& store_;
    const Clock& clock_;
    Journal& journal_;
    Wakes& wakes_;
};

}  // namespace batchd::engine
